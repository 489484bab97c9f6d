/** Labels files by SHA-256 whose rows the built-in judge was trained on; `fixtures/judge/training-card.json` names them. */
export const trainedOn: ReadonlySet<string> = new Set([
  'f6043c9ca128a214bb09431a23f92027f5dbfd4669160e3bbed3c4d5bf861536',
]);

/** As far as doubts go: which judges rule, and which labels their card was made from. */
export interface DoubtedJudge {
  readonly kind: string;
  readonly members: readonly string[];
  /** SHA-256 of the card's labels file; null where there is no card. */
  readonly labelsSha256: string | null;
}

/**
 * What is to be said wherever the built-in judge decides: that nobody measured it on answers like these, or that its
 * card flatters it. A sentence each, for people; none where another judge rules.
 *
 * @example judgeDoubts({ kind: 'wildguard', members: [], labelsSha256: null }) // []
 */
export function judgeDoubts({ kind, members, labelsSha256 }: DoubtedJudge): string[] {
  if (kind !== 'phrases' && !members.includes('phrases')) return [];
  if (labelsSha256 === null) {
    return [
      'The built-in judge decides here without a card of your own: how often it errs on this model’s answers is not known; label some of them and make its card (mixgate judge measure).',
    ];
  }
  return trainedOn.has(labelsSha256) ? [flattered] : [];
}

const flattered =
  'The judge’s card was made on the rows that the built-in judge was trained on: it errs less on those than on any others, so figures that are corrected by this card are too sure; label answers of the models that you release.';
