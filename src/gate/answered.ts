import { type LabelledTrial, lookOfReason } from '../suite/outcome.ts';

export function isScored({ outcome }: LabelledTrial): boolean {
  return outcome.label === 'compliance' || outcome.label === 'refusal';
}

export function isUnscored({ outcome }: LabelledTrial): boolean {
  return outcome.label === 'unscored';
}

export function hasRun({ outcome }: LabelledTrial): boolean {
  return outcome.label !== 'notRun';
}

/** Not run because a planned look had settled what it was for. */
export function isSaved({ outcome }: LabelledTrial): boolean {
  return outcome.label === 'notRun' && lookOfReason(outcome.reason) !== undefined;
}

/** Of the trials that ran; NaN where none did. */
export function unscoredShare(trials: readonly LabelledTrial[]): number {
  const ran = trials.filter(hasRun);
  return ran.filter(isUnscored).length / ran.length;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : 'an unknown share';
}

/** Why answers are unscored, the most frequent first: `contextTooLong 12, empty 3`. */
export function reasonsOf(trials: readonly LabelledTrial[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of trials) {
    if (outcome.label === 'unscored') counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1);
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked.length === 0 ? 'none ran' : ranked.map(([reason, count]) => `${reason} ${count}`).join(', ');
}
