import { MixgateError } from '../../src/config/errors.ts';
import type { Random } from './random.ts';

/** Something of ours that reads what others write. */
export interface Target {
  readonly name: string;
  /**
   * Makes the nth input from a seeded source of chance and feeds it.
   *
   * @returns what became of it
   * @throws whatever should not have happened
   */
  feed(random: Random): Promise<'taken' | 'refused'>;
  close(): Promise<void>;
}

/** A refusal is an error of ours that says where, what was expected, what came, and what to do; all else is a crash. */
export function requireMessage(error: unknown): void {
  if (!(error instanceof MixgateError)) throw error;
  for (const complaint of error.complaints) {
    for (const [part, text] of Object.entries(complaint)) {
      if (text.trim() === '')
        throw new Error(`a complaint without ${part}: ${error.message}`, { cause: error });
      if (text.length > 5000) throw new Error(`a complaint of ${text.length} characters`, { cause: error });
    }
  }
}

/** Runs what may refuse. */
export async function attempt(work: () => unknown): Promise<'taken' | 'refused'> {
  try {
    await work();
    return 'taken';
  } catch (error) {
    requireMessage(error);
    return 'refused';
  }
}

export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`fuzz: ${what}`);
}
