import type { Cue, CuedKind } from '../config/sweeps.ts';
import type { Demonstration } from './source-file.ts';

/** What the responses of a condition begin with, and which of them: `neutral`, `comply on benign`. */
export type FormatCue = 'none' | Cue | `${Cue} on ${Exclude<CuedKind, 'all'>}`;

export type Kind = 'benign' | 'harmful';

/** The openings themselves, each put before a response as it stands. */
export const cueTexts: Readonly<Record<Cue, string>> = { neutral: 'Answer: ', comply: 'Sure, here is: ' };

/**
 * A cue by what it marks in a mixture: with one kind alone, the cue on that kind is the cue on all, and the cue on
 * the other is none.
 *
 * @example nameCue('neutral', 'harmful', { benign: 0, harmful: 4 }) // 'neutral'
 */
export function nameCue(
  cue: Cue,
  on: CuedKind,
  shown: { readonly benign: number; readonly harmful: number },
): FormatCue {
  const kinds = (['benign', 'harmful'] as const).filter((kind) => shown[kind] > 0);
  const marked = kinds.filter((kind) => on === 'all' || on === kind);
  const [only] = marked;
  if (only === undefined) return 'none';
  return marked.length === kinds.length ? cue : `${cue} on ${only}`;
}

/** The opening that a cue gives to the responses of one kind; empty where it gives none. */
export function cueTextFor(formatCue: FormatCue, kind: Kind): string {
  switch (formatCue) {
    case 'none':
      return '';
    case 'neutral':
    case 'comply':
      return cueTexts[formatCue];
    case 'neutral on benign':
    case 'neutral on harmful':
      return formatCue.endsWith(kind) ? cueTexts.neutral : '';
    case 'comply on benign':
    case 'comply on harmful':
      return formatCue.endsWith(kind) ? cueTexts.comply : '';
  }
}

const cued = new Map<string, WeakMap<Demonstration, Demonstration>>();

/** The demonstration with an opening: for one row and one opening always the same object, as the row itself is. */
export function withCue(demonstration: Demonstration, cueText: string): Demonstration {
  const known = cued.get(cueText) ?? new WeakMap<Demonstration, Demonstration>();
  cued.set(cueText, known);
  const kept = known.get(demonstration);
  if (kept !== undefined) return kept;
  const made = { ...demonstration, response: `${cueText}${demonstration.response}` };
  known.set(demonstration, made);
  return made;
}
