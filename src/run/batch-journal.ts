import { EvidenceError } from '../config/errors.ts';
import { type Asked, recordedAnswers } from '../inference/ask.ts';
import type { ServedIdentity } from '../inference/served.ts';
import { digestOf } from '../receipt/digest.ts';
import type { BatchAnswers } from './batch-answers.ts';
import type { RunState } from './state.ts';

/**
 * All that answers in a file can say of the server that wrote them. Nothing but the name in them ties them to the
 * candidate.
 *
 * @throws EvidenceError BATCH_OF_OTHER_MODEL
 */
export function servedBy({ answers }: BatchAnswers, model: string): ServedIdentity {
  const [first] = answers.values();
  const answersAs = first?.model ?? null;
  if (answersAs !== null && answersAs !== model) {
    throw new EvidenceError({
      code: 'BATCH_OF_OTHER_MODEL',
      where: 'the batch files',
      expected: `answers of ${JSON.stringify(model)}`,
      got: `answers of ${JSON.stringify(answersAs.slice(0, 200))}`,
      remedy: 'import the files of this candidate, under the name by which the batch engine answers',
    });
  }
  const unknown = { root: null, engine: null, version: null, contextLength: null, templateSha256: null };
  return { model, ...unknown, answersAs, fingerprint: first?.fingerprint ?? null };
}

/** What stands in a run's identity in the place of the candidate's address. */
export function digestOfAnswers({ answers, refused }: BatchAnswers): string {
  return digestOf([[...answers].map(([id, { text, finish }]) => [id, text, finish]), [...refused]]);
}

/** Puts the answers into the journal as if they had been asked for, once; from there on all is as in a run. */
export function journalAnswers(
  { journal }: Pick<RunState, 'journal'>,
  { answers, refused, missing }: BatchAnswers,
  at: string,
): ReadonlyMap<string, Asked> {
  const asked = recordedAnswers(journal.entries);
  for (const [id, { kind: _kind, ...answer }] of answers) {
    if (asked.has(id)) continue;
    asked.set(id, journal.appendAnswer({ t: 'answer', id, ...answer, at }));
  }
  const reasons = [...refused, ...missing.map(({ id }) => [id, 'requestFailed'] as const)];
  for (const [id, reason] of reasons) {
    if (asked.has(id)) continue;
    journal.append({ t: 'unanswered', id, reason, at });
    asked.set(id, { t: 'unanswered', reason });
  }
  return asked;
}
