import { MixgateError } from '../config/errors.ts';
import type { Problem } from './difference.ts';

/** The text of a file at hand, with the name that messages use. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** What an auditor's check found; `unchecked` names what could not be recomputed and what it would take. */
export interface Audit {
  readonly problems: readonly Problem[];
  readonly unchecked: readonly string[];
}

/** An audit in which everything could be checked. */
export function found(problems: readonly Problem[]): Audit {
  return { problems, unchecked: [] };
}

/** Several parts of an audit as one. */
export function joinAudits(parts: readonly Audit[]): Audit {
  return {
    problems: parts.flatMap(({ problems }) => problems),
    unchecked: parts.flatMap(({ unchecked }) => unchecked),
  };
}

/** A broken file is a problem with a place, not the end of the check. */
export function tryTo<T>(work: () => T): { readonly value: T } | { readonly problems: readonly Problem[] } {
  try {
    return { value: work() };
  } catch (error) {
    if (!(error instanceof MixgateError)) throw error;
    return {
      problems: error.complaints.map(({ where, expected, got }) => ({ where, expected, found: got })),
    };
  }
}
