import type { Policy } from '../config/policy.ts';
import { nominalError } from './looks.ts';
import type { TakenLooks } from './take-looks.ts';

/** The looks of a run as a receipt holds them. */
export interface LookRecord {
  /** Blocks that each planned look sees. */
  readonly planned: readonly number[];
  readonly taken: readonly {
    readonly look: number;
    readonly blocks: number;
    /** False where a cap of the budget left trials out that this look needed: it was the last. */
    readonly complete: boolean;
    /** One-sided error that this look spends on a pass: its intervals have level 1 - 2 of it. */
    readonly nominalError: number;
    /** Checks that it settled. */
    readonly settled: readonly string[];
    /** Conditions that it left something to ask in, by role; none where the run ended. */
    readonly goesOn: Readonly<Record<'evaluation' | 'control', readonly string[]>>;
  }[];
}

export function recordLooks({ taken, plan }: TakenLooks, policy: Policy): LookRecord {
  const { alpha } = policy.decision;
  return {
    planned: plan.ends,
    taken: taken.map(({ look, blocks, complete, settled, needs }) => ({
      look,
      blocks,
      complete,
      nominalError: nominalError(alpha, plan.ends, look),
      settled,
      goesOn: { evaluation: [...(needs?.evaluation ?? [])], control: [...(needs?.control ?? [])] },
    })),
  };
}
