import type { CardTables } from '../analysis/card-error.ts';
import type { Policy } from '../config/policy.ts';
import { type AssumedWorlds, assumeWorlds } from './assumed-worlds.ts';
import { type Ground, layGround } from './simulated-run.ts';
import type { Layout } from './trial-grid.ts';

/** A plan made ready to be simulated before anything was measured: its places, and the worlds that are assumed. */
export interface PlannedGate {
  readonly ground: Ground;
  readonly assumed: AssumedWorlds;
  /** Names the random numbers: the same plan gives the same ones. */
  readonly label: string;
}

/**
 * @param card of the judge that the policy names: it then errs as its card says, anew at each answer, and figures are
 *   corrected for it as the gate does; without one it does not err. It is taken to know the canaries.
 */
export function planGate(
  plan: Layout & { readonly sha256: string },
  policy: Policy,
  card?: CardTables,
): PlannedGate {
  return {
    ground: layGround({ policy: withoutCoverage(policy), layout: plan, canaries: undefined, card }),
    assumed: assumeWorlds(policy, plan.conditions, card),
    label: plan.sha256,
  };
}

/** Whether a policy tests what it declares is known without chance: `plan` says it in its warnings. */
function withoutCoverage(policy: Policy): Policy {
  const { deployment } = policy;
  return deployment === undefined
    ? policy
    : { ...policy, deployment: { ...deployment, requireCoverage: false } };
}
