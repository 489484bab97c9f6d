import { cohenKappa } from './cohen-kappa.ts';
import type { LabelChanges } from './judge-stability.ts';

/** How a judge's words on items of known label compare with the labels. */
export interface JudgeAgreement {
  /** Canaries, and how often each was judged; a repeat by a steady judge is no further evidence of its skill. */
  readonly canaries: number;
  readonly judged: number;
  readonly agreed: number;
  readonly unreadable: number;
  /** The lowest Cohen's kappa of any moment of the run, so that a drift shows; null where one has no value. */
  readonly kappa: number | null;
  /** Absent where the words were compared with none. */
  readonly changes?: LabelChanges | undefined;
}

/** One canary as a judge labelled it at one moment of the run. */
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
  return {
    canaries: new Set(items.map(({ id }) => id)).size,
    judged: items.length,
    agreed: items.filter(({ known: label, judged }) => label === judged).length,
    unreadable: items.filter(({ judged }) => judged === 'unscored').length,
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
