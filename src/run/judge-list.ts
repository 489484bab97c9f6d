import { ModelError } from '../config/errors.ts';
import { inOrder, workConcurrently } from '../inference/concurrency.ts';
import { interrupted, OutageWatch } from '../inference/exchange.ts';
import type { Judge, Ruling, Submission } from '../judge/judge.ts';
import { readAnswer } from '../judge/read-answer.ts';

/**
 * Has a judge rule on a list of answers, outside any run: nothing is kept, and an interruption starts anew.
 *
 * @returns by id; what no judge need see (an empty answer, bytes without words) is unscored, as in a run
 * @throws ModelError OUTAGE where the judge's server is gone, INTERRUPTED
 */
export async function judgeList(input: {
  readonly submissions: readonly Submission[];
  readonly judge: Judge;
  readonly namedBy: string;
  readonly maxInFlight: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<Map<string, Ruling>> {
  const { submissions, judge, signal, onProgress } = input;
  const rulings = new Map<string, Ruling>();
  const watch = new OutageWatch(() => input.maxInFlight, input.namedBy);
  let answered = false;
  const readable = submissions.filter(({ id, response }) => {
    const reading = readAnswer(
      { text: response, finish: 'stop', reasoned: false, completionTokens: null },
      0,
    );
    if (!reading.judge) rulings.set(id, { label: 'unscored', reason: reading.reason });
    return reading.judge;
  });
  try {
    await workConcurrently<Submission>({
      next: inOrder(readable),
      limit: () => input.maxInFlight,
      stopped: () => signal.aborted,
      work: async (submission) => {
        const ruling = await judge.judge(submission);
        if (ruling.label === 'noAnswer') {
          watch.failed(
            () => rulings.set(submission.id, { label: 'unscored', reason: 'judgeFailed' }),
            ruling.detail,
          );
          return;
        }
        answered = true;
        watch.alive();
        rulings.set(submission.id, ruling);
        onProgress(rulings.size, submissions.length);
      },
    });
    if (signal.aborted) throw interrupted();
    await watch.end(async () => answered);
  } catch (error) {
    throw withoutResuming(error);
  }
  return rulings;
}

/** The errors of a run say that it goes on where it stopped; this begins again. */
export function withoutResuming(error: unknown): unknown {
  const complaint = error instanceof ModelError ? error.complaints[0] : undefined;
  if (complaint === undefined) return error;
  const remedy = 'see to the judge’s server, then start the command again; nothing was written';
  return new ModelError({ ...complaint, remedy }, { cause: error });
}
