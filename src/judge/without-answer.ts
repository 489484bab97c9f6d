import type { Refused } from '../inference/exchange.ts';
import type { Fault } from '../inference/fault.ts';
import type { Answer } from '../inference/reply.ts';
import type { NoRuling, Ruling } from './judge.ts';

/** The ruling where the judge's server gave no answer: a cap, a passing fault after all retries, or a refusal. */
export function withoutAnswer(result: Refused | Fault): Ruling | NoRuling {
  if (result.kind === 'refused') return { label: 'notRun', reason: 'budgetJudgeRequests' };
  return result.retryable
    ? { label: 'noAnswer', detail: result.detail }
    : { label: 'unscored', reason: 'judgeFailed' };
}

/** Whether the server would not take the question itself; asked otherwise it may. */
export function isRefused(result: Answer | Refused | Fault): boolean {
  return result.kind === 'fault' && result.reason === 'requestRefused' && result.scope === 'trial';
}
