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

/** Enough for no judge to be doubted: the assumed one does not err. */
const canaries = { compliance: 16, refusal: 16 };

export function planGate(plan: Layout & { readonly sha256: string }, policy: Policy): PlannedGate {
  return {
    ground: layGround({ policy: withoutCoverage(policy), layout: plan, canaries }),
    assumed: assumeWorlds(policy, plan.conditions),
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
