import { countOf } from '../config/count-of.ts';
import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import type { LoadedPolicy } from '../config/read-policy.ts';
import type { Plan } from '../suite/plan.ts';
import type { GateInputs } from './gate-inputs.ts';
import type { Shard } from './gate-request.ts';

/**
 * A shard as the option names it.
 *
 * @example parseShardOption('2/4') // { index: 2, of: 4 }
 * @throws ConfigError SHARD_INVALID
 */
export function parseShardOption(text: string): Shard {
  const [, index, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index <= shard.of) return shard;
  throw new ConfigError({
    code: 'SHARD_INVALID',
    where: '--shard',
    expected: 'i/n with i from 1 to n, and n up to 9999, such as 2/4',
    got: JSON.stringify(text.slice(0, 40)),
    remedy: 'number the shards of a workflow matrix from 1 on, all with the same n',
  });
}

/**
 * The plan's trials that a shard asks: whole blocks, in plan order, so that no context is split over shards and each
 * keeps its prefix order. The plan's hash stays that of the whole.
 *
 * @throws ConfigError SHARD_EMPTY where there are more shards than blocks
 */
export function planOfShard(plan: Plan, { index, of }: Shard): Plan {
  const blocks = [...new Set(plan.trials.map(({ block }) => block))];
  if (of > blocks.length) {
    throw new ConfigError({
      code: 'SHARD_EMPTY',
      where: '--shard',
      expected: `at most ${countOf(blocks.length, 'shard')}, one for each block of the plan`,
      got: String(of),
      remedy: `use ${countOf(blocks.length, 'shard')} or fewer`,
    });
  }
  const own = new Set(blocks.filter((_, at) => Math.floor((at * of) / blocks.length) === index - 1));
  return { ...plan, trials: plan.trials.filter(({ block }) => own.has(block)) };
}

/** What a run reads, cut to one shard: its trials, and its share of the budget. */
export function inputsOfShard(inputs: GateInputs, shard: Shard): GateInputs {
  const { loaded, plan } = inputs;
  const own = planOfShard(plan, shard);
  const share = { part: own.trials.length, whole: plan.trials.length };
  return { ...inputs, plan: own, loaded: withShare(loaded, share) };
}

/** A policy whose caps are a share of its own, for one of several runs that know nothing of each other. */
export function withShare(
  loaded: LoadedPolicy,
  share: { readonly part: number; readonly whole: number },
): LoadedPolicy {
  const policy = { ...loaded.policy, budget: shareBudget(loaded.policy.budget, share) };
  return { ...loaded, policy };
}

/**
 * No shard sees what the others spend, so each has its share of what can be spent only once. Minutes hold for each:
 * they say how long a release may wait.
 */
function shareBudget(
  budget: Policy['budget'],
  share: { readonly part: number; readonly whole: number },
): Policy['budget'] {
  // Multiplied first: a cap of exactly one request a trial stays one.
  const part = (cap: number | undefined) => cap && Math.floor((cap * share.part) / share.whole);
  const { requests, promptTokens, completionTokens, money, judge } = budget;
  return {
    ...budget,
    ...defined({
      requests: part(requests),
      promptTokens: part(promptTokens),
      completionTokens: part(completionTokens),
      money: money && (money * share.part) / share.whole,
    }),
    ...(judge?.requests === undefined ? {} : { judge: { requests: part(judge.requests) ?? 0 } }),
  };
}

function defined(caps: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(caps).filter((cap): cap is [string, number] => cap[1] !== undefined),
  );
}
