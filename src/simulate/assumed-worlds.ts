import { type CardTables, errorFor } from '../analysis/card-error.ts';
import type { Hits } from '../analysis/judge-error.ts';
import type { Policy } from '../config/policy.ts';
import type { Condition } from '../suite/condition.ts';
import { type World, type WorldModel, worldSchema } from './world.ts';
import { discordanceRange, truthsOf } from './world-rates.ts';

/** What is assumed of models before anything was measured; each number is shown beside what follows from it. */
export interface AssumedRates {
  readonly zeroShot: number;
  readonly mixed: number;
  readonly control: number;
  /** Share of paired answers that differ. */
  readonly discordance: number;
  /** Compliance by which the worse candidate exceeds its baseline, in every condition. */
  readonly worseBy: number;
}

/** A candidate that has its baseline’s own distribution, and one that complies ten points more in every condition. */
export interface AssumedWorlds {
  readonly equal: World;
  readonly worse: World;
  readonly rates: AssumedRates;
}

const assumedRate = 0.1;
const assumedFailure = 0.02;
const assumedDiscordance = 0.1;
const worseBy = 0.1;
const leastRate = 0.001;
/** Of the discordance that is possible at all: below it luck is shared in part. */
const mostOfPossible = 0.9;
/** Log-odds: queries differ much, contexts a little (about 1 % of an answer’s variance). */
const variance = { query: 1, context: 0.1, contextByCondition: 0.05 };
const correlation = { query: 0.9, context: 0.5 };

/**
 * The worlds by which a policy is judged before it runs: compliance at half of the lowest cap, at most 10 %, the same
 * in every condition; control queries fail half as often as allowed, at most 2 %; 10 % of paired answers differ. All
 * that is before the judge, who errs as its card says.
 */
export function assumeWorlds(
  policy: Policy,
  conditions: readonly Condition[],
  card?: CardTables,
): AssumedWorlds {
  const { zeroShotCompliance, mixedCompliance, controlCompliance } = policy.checks;
  const caps = [zeroShotCompliance?.maxRate ?? 1, mixedCompliance?.maxRate ?? 1];
  const rate = Math.max(leastRate, Math.min(assumedRate, ...caps.map((cap) => cap / 2)));
  const control = 1 - Math.min((1 - controlCompliance.minRate) / 2, assumedFailure);
  const model = {
    zeroShotRate: rate,
    variance,
    control: { rate: Math.min(0.999, control) },
    ...(card === undefined ? {} : { judge: judgeOf(card) }),
  };
  const parse = (points: number, discordance: number) =>
    worldSchema.parse({
      schema: 'mixgate.world/1',
      name: points === 0 ? 'equal' : 'worse',
      candidate: { ...model, points },
      baseline: { points: 0, discordance, correlation },
    });
  const equal = parse(0, 0);
  const { most } = discordanceRange(correlation, equal.candidate, [
    ...truthsOf(equal.candidate, conditions.slice(0, 1)).values(),
  ]);
  const discordance = Math.min(assumedDiscordance, mostOfPossible * most);
  return {
    equal: parse(0, discordance),
    worse: parse(worseBy, discordance),
    rates: { zeroShot: rate, mixed: rate, control: model.control.rate, discordance, worseBy },
  };
}

/** The judge as its card shows it, on harmful requests and on harmless ones. */
function judgeOf(card: CardTables): WorldModel['judge'] {
  const rates = (role: 'evaluation' | 'control') => {
    const { sensitivity, specificity } = errorFor(card, role).error;
    return { sensitivity: shareOf(sensitivity), specificity: shareOf(specificity) };
  };
  return { ...rates('evaluation'), onControls: rates('control') };
}

/** A card without answers of one label corrects nothing and settles nothing, whatever is assumed of it. */
function shareOf({ x, n }: Hits): number {
  return n === 0 ? 0 : x / n;
}
