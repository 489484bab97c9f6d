import type { JudgeSpec } from '../config/judge-policy.ts';
import { Budget } from '../inference/budget.ts';
import { makeExchange } from '../inference/exchange.ts';
import type { Journal } from '../inference/journal.ts';
import type { MetServer } from '../inference/replica.ts';
import { readServedIdentity, requireSameServer, type ServedIdentity } from '../inference/served.ts';
import type { Judge } from '../judge/judge.ts';
import type { GateTools } from './gate-request.ts';
import { findJudges, type JudgeAddress, makeJudge, meetJudges } from './judge-servers.ts';
import { surroundingsOf } from './surroundings.ts';

/** A judge outside any run, with what serves it. */
export interface JudgeAtHand {
  readonly judge: Judge;
  readonly served: readonly ServedIdentity[];
  readonly judges: readonly MetServer[];
  readonly requests: () => number;
  /** @throws ModelError SERVER_CHANGED where a server is not the one any more that it was */
  check(): Promise<void>;
}

const retries = 4;
const limits = { timeoutMs: 240_000, connectMs: 10_000, firstByteMs: 240_000 };
export const judgeNamedBy = '--judge-base-url';

/** Nothing is gone on with: what is stopped starts again. */
export const noJournal: Journal = {
  file: '',
  entries: [],
  append: () => {},
  appendAnswer: (entry) => entry,
  close: () => {},
};

/** @throws ConfigError JUDGE_MISSING, BASE_URL; ModelError on a server that is not there */
export async function meetJudge(
  spec: JudgeSpec,
  address: JudgeAddress,
  tools: GateTools,
): Promise<JudgeAtHand> {
  const { signal } = tools;
  const judges = await meetJudges(findJudges(spec, address, limits), signal);
  const spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };
  const budget = new Budget({ caps: {}, prices: undefined, spent, minutesUsed: () => 0 });
  const around = surroundingsOf(tools);
  const judge = makeJudge(spec, {
    judges,
    exchange: ({ endpoint }) =>
      makeExchange({ to: 'judge', endpoint, budget, journal: noJournal, retries, around }),
    signal,
  });
  return {
    judge,
    judges,
    served: judges.map(({ served }) => served),
    requests: () => budget.spent.requests,
    check: async () => {
      for (const { client, served } of judges) {
        requireSameServer(served, await readServedIdentity(client, signal), judgeNamedBy);
      }
    },
  };
}
