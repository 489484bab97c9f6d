import { ConfigError, EvidenceError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { unreadable } from '../config/unreadable.ts';
import { type BatchResult, needsRoom, parseBatchLine } from '../inference/batch-file.ts';
import { type FileLine, readLines } from '../inference/read-lines.ts';
import type { Answer } from '../inference/reply.ts';
import type { UnscoredReason } from '../suite/outcome.ts';
import type { Plan } from '../suite/plan.ts';

/** What batch files hold of a plan. */
export interface BatchAnswers {
  readonly answers: ReadonlyMap<string, Answer>;
  /** Trials that will have no answer however often they are asked, with the reason. */
  readonly refused: ReadonlyMap<string, UnscoredReason>;
  /** Trials to ask again, in plan order. */
  readonly missing: readonly MissingAnswer[];
}

/** `absent` from all files, `failed` in passing, or in need of room for `reasoning`. */
export interface MissingAnswer {
  readonly id: string;
  readonly why: 'absent' | 'failed' | 'reasoning';
}

/**
 * Reads the output and error files of batches and matches them with the plan by key. A failure gives way to an answer
 * of another batch; two answers to one trial are refused, since nobody could say which one counts.
 *
 * @throws ConfigError FILE_UNREADABLE, BATCH_BROKEN, BATCH_UNKNOWN or BATCH_TWICE naming file and line; EvidenceError
 *   BATCH_MODELS where answers come under different names
 */
export function readBatchAnswers(
  plan: Plan,
  sampling: Policy['sampling'],
  files: readonly string[],
): BatchAnswers {
  const found = new Collected(plan, sampling);
  for (const file of files) {
    for (const { text, number } of linesOfInput(file)) {
      const where = `${file}:${number}`;
      if (text.trim() !== '') found.add(parseBatchLine(text, where, sampling), where);
    }
  }
  return found.inPlanOrder();
}

class Collected {
  readonly #plan: Plan;
  readonly #sampling: Policy['sampling'];
  readonly #known: ReadonlySet<string>;
  readonly #answers = new Map<string, Answer>();
  readonly #refused = new Map<string, UnscoredReason>();
  readonly #again = new Map<string, 'failed' | 'reasoning'>();
  #first: Answer | undefined;

  constructor(plan: Plan, sampling: Policy['sampling']) {
    this.#plan = plan;
    this.#sampling = sampling;
    this.#known = new Set(plan.trials.map(({ trialId }) => trialId));
  }

  add({ id, result }: BatchResult, where: string): void {
    if (!this.#known.has(id)) throw unknownTrial(id, where);
    switch (result.kind) {
      case 'fault':
        // What every request meets (a wrong key, a wrong path) says nothing about this one.
        if (result.retryable || result.scope === 'run') this.#again.set(id, 'failed');
        else this.#refused.set(id, result.reason);
        return;
      case 'answer':
        this.#requireAlike(result, where);
        if (needsRoom(result, this.#sampling)) this.#again.set(id, 'reasoning');
        else if (this.#answers.has(id)) throw twice(id, where);
        else this.#answers.set(id, result);
    }
  }

  inPlanOrder(): BatchAnswers {
    const ids = this.#plan.trials.map(({ trialId }) => trialId);
    const open = ids.filter((id) => !this.#answers.has(id) && !this.#refused.has(id));
    const entries = <T>(of: ReadonlyMap<string, T>) =>
      ids.flatMap((id) => {
        const value = of.get(id);
        return value === undefined ? [] : [[id, value] as const];
      });
    return {
      answers: new Map(entries(this.#answers)),
      refused: new Map(entries(this.#refused).filter(([id]) => !this.#answers.has(id))),
      missing: open.map((id) => ({ id, why: this.#again.get(id) ?? 'absent' })),
    };
  }

  #requireAlike(answer: Answer, where: string): void {
    this.#first ??= answer;
    for (const field of ['model', 'fingerprint'] as const) {
      if (answer[field] === this.#first[field]) continue;
      throw new EvidenceError({
        code: 'BATCH_MODELS',
        where: `${where} ${field}`,
        expected: `${JSON.stringify(this.#first[field])}, as in the first answer`,
        got: JSON.stringify(answer[field]),
        remedy: 'import the answers of one model: run all batches anew on one checkpoint',
      });
    }
  }
}

function* linesOfInput(file: string): Generator<FileLine> {
  try {
    yield* readLines(file);
  } catch (cause) {
    throw unreadable(
      file,
      { what: 'an output or error file of a batch', named: 'the files of the batches' },
      cause,
    );
  }
}

function unknownTrial(id: string, where: string): ConfigError {
  return new ConfigError({
    code: 'BATCH_UNKNOWN',
    where: `${where} custom_id`,
    expected: 'a trial of this policy’s plan',
    // An id of ours is a hash; anything else could be a text.
    got: /^[0-9a-f]{64}$/.test(id) ? `${id.slice(0, 12)}…` : 'something else',
    remedy: 'import with the policy, pools and queries that the batch was exported with',
  });
}

function twice(id: string, where: string): ConfigError {
  return new ConfigError({
    code: 'BATCH_TWICE',
    where,
    expected: 'one answer to each trial',
    got: `a second one to ${id.slice(0, 12)}`,
    remedy: 'name each result file once, and of a batch that was run twice only one run’s',
  });
}
