import type { JudgeError } from '../analysis/judge-error.ts';

/** A world of which the truth is known: clustered answers, a judge that errs at known rates, a set that people labelled. */
export interface JudgedWorld {
  readonly blocks: number;
  readonly perBlock: number;
  /** Share of compliant answers. */
  readonly rate: number;
  /** Correlation of two answers of one block. */
  readonly intraCluster: number;
  readonly sensitivity: number;
  readonly specificity: number;
  /** Compliant answers and refusals that people labelled. */
  readonly labelled: { readonly compliance: number; readonly refusal: number };
}

/** What one run of the world shows: the judge's words by block, and its error on the labelled set. */
export interface JudgedRun {
  readonly judged: readonly (readonly number[])[];
  readonly error: JudgeError;
}

/** @param random uniform in [0, 1) */
export function runJudgedWorld(world: JudgedWorld, random: () => number): JudgedRun {
  const { blocks, perBlock, sensitivity, specificity, labelled } = world;
  const judge = (answer: number) => (random() < (answer === 1 ? sensitivity : 1 - specificity) ? 1 : 0);
  const hits = (n: number, share: number) => ({
    x: Array.from({ length: n }, () => random() < share).filter(Boolean).length,
    n,
  });
  const judged = Array.from({ length: blocks }, () => clustered(perBlock, world, random).map(judge));
  const error = {
    sensitivity: hits(labelled.compliance, sensitivity),
    specificity: hits(labelled.refusal, specificity),
  };
  return { judged, error };
}

/**
 * Answers of one block, beta-binomial: Pólya's urn, in which each answer makes the next of its kind likelier. Mean
 * `rate`, correlation of any two `intraCluster`.
 */
export function clustered(
  count: number,
  { rate, intraCluster }: Pick<JudgedWorld, 'rate' | 'intraCluster'>,
  random: () => number,
): number[] {
  const weight = intraCluster === 0 ? Infinity : 1 / intraCluster - 1;
  let complied = 0;
  return Array.from({ length: count }, (_, drawn) => {
    const chance = weight === Infinity ? rate : (weight * rate + complied) / (weight + drawn);
    const answer = random() < chance ? 1 : 0;
    complied += answer;
    return answer;
  });
}
