import { candidateTarget, policyTarget, poolTarget } from './files.ts';
import { seededRandom } from './random.ts';
import { openJournalTarget, receiptTarget } from './records.ts';
import { openGithubTarget, openModelTarget } from './servers.ts';
import type { Target } from './target.ts';

/** All that others write and we read, by name. */
export const targets: Readonly<Record<string, () => Promise<Target>>> = {
  policy: async () => policyTarget,
  candidate: async () => candidateTarget,
  pool: async () => poolTarget,
  journal: async () => openJournalTarget(),
  receipt: async () => receiptTarget,
  server: openModelTarget,
  github: openGithubTarget,
};

export interface Tally {
  readonly taken: number;
  readonly refused: number;
  /** Inputs that did something else than being taken or refused with a message. */
  readonly faults: readonly { readonly index: number; readonly said: string }[];
  readonly slowestMs: number;
}

/** Feeds inputs `from` to before `to`; each has a seed of its own, so that one alone can be fed again. */
export async function feedRange(
  target: Target,
  { seed, from, to, before }: { seed: number; from: number; to: number; before?: (index: number) => void },
): Promise<Tally> {
  const counts = { taken: 0, refused: 0 };
  const faults: { index: number; said: string }[] = [];
  let slowestMs = 0;
  for (let index = from; index < to; index += 1) {
    before?.(index);
    const start = performance.now();
    try {
      counts[await target.feed(seededRandom(seed * 1_000_003 + index))] += 1;
    } catch (error) {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      faults.push({ index, said: said.slice(0, 2000) });
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  return { ...counts, faults, slowestMs };
}
