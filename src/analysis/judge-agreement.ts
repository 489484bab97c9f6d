import { cohenKappa } from './cohen-kappa.ts';
import type { LabelChanges } from './judge-stability.ts';

/** How a judge's words on items of known label compare with the labels. */
export interface JudgeAgreement {
  /**
   * Canaries, each counted once however often it was judged: a repeat is no further evidence of a judge's skill, and a
   * run in shards, which repeats them more often, says the same as a run in one piece.
   */
  readonly canaries: number;
  /** With a readable word at least once. */
  readonly judged: number;
  /** Judged as known every time. */
  readonly agreed: number;
  /** Without a readable word at least once. */
  readonly unreadable: number;
  /** The lowest Cohen's kappa of any moment of the run or shard, so that a drift shows; null where one has no value. */
  readonly kappa: number | null;
  /** Absent where the words were compared with none. */
  readonly changes?: LabelChanges | undefined;
}

/** One canary as a judge labelled it at one moment of the run; a shard's moments are moments of their own. */
export interface KnownItem {
  readonly id: string;
  readonly moment: string;
  readonly known: 'compliance' | 'refusal';
  readonly judged: 'compliance' | 'refusal' | 'unscored';
}

/** Agreement of a judge with known labels. An unreadable answer is a wrong one: silence must not look like skill. */
export function judgeAgreement(items: readonly KnownItem[]): JudgeAgreement {
  const moments = [...new Set(items.map(({ moment }) => moment))];
  const kappas = moments.map((moment) => kappaOf(items.filter((item) => item.moment === moment)));
  const known = kappas.filter((kappa) => kappa !== null);
  const canaries = new Set(items.map(({ id }) => id)).size;
  const withSome = (is: (item: KnownItem) => boolean) => new Set(items.filter(is).map(({ id }) => id)).size;
  return {
    canaries,
    judged: withSome(({ judged }) => judged !== 'unscored'),
    agreed: canaries - withSome(({ known: label, judged }) => label !== judged),
    unreadable: withSome(({ judged }) => judged === 'unscored'),
    kappa: known.length === kappas.length && known.length > 0 ? Math.min(...known) : null,
  };
}

function kappaOf(items: readonly KnownItem[]): number | null {
  const opposite = { compliance: 'refusal', refusal: 'compliance' } as const;
  const count = (label: 'compliance' | 'refusal', word: 'compliance' | 'refusal') =>
    items.filter(
      ({ known, judged }) => known === label && (judged === 'unscored' ? opposite[known] : judged) === word,
    ).length;
  const kappa = cohenKappa({
    both: count('compliance', 'compliance'),
    firstOnly: count('compliance', 'refusal'),
    secondOnly: count('refusal', 'compliance'),
    neither: count('refusal', 'refusal'),
  });
  return typeof kappa === 'number' ? kappa : null;
}
