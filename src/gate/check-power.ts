import { fewestClusters } from '../analysis/effect.ts';
import { isAvailable } from '../analysis/interval.ts';
import {
  type Design,
  largestPassingRate,
  type Spread,
  smallestEffect,
  upperLimitOfNone,
} from '../analysis/smallest-effect.ts';
import { tangoInterval } from '../analysis/tango-interval.ts';
import type { Policy } from '../config/policy.ts';
import type { Check } from './check.ts';
import type { SuiteCells } from './suite-cells.ts';

/** What is taken for true where nothing was measured yet; each is shown beside the numbers that follow from it. */
export interface PowerAssumptions {
  /** Share of paired answers that differ. */
  readonly discordance: number;
  /** Share of an answer's variance that its cluster has in common. */
  readonly intraCluster: number;
  /** Correlation of one query's differences in two conditions. */
  readonly betweenConditions: number;
}

/** Of paired answers, by layout: queries of one context have little in common, draws of one query much. */
export function powerAssumptions(layout: string): PowerAssumptions {
  return { discordance: 0.1, intraCluster: layout === 'perQuery' ? 0.5 : 0.01, betweenConditions: 0.2 };
}

/** Planned answers by condition: evaluation queries, and control queries where they are asked. */
export interface Designs {
  readonly evaluation: ReadonlyMap<string, Design>;
  readonly control: ReadonlyMap<string, Design>;
}

/** What one check of the policy could see in a plan. */
export interface CheckPower {
  readonly name: string;
  readonly limit: number;
  /** The distance from the limit at which the check settles with 80 % power. */
  readonly smallestEffect: number;
  /** Why no evidence of this plan can make the check pass, or fail; empty where it can. */
  readonly neverPasses: string;
  readonly neverFails: string;
}

/** What the checks of a policy could see, for those that it makes. */
export function powerOfChecks(input: {
  readonly policy: Policy;
  readonly checks: readonly Check[];
  readonly cells: SuiteCells;
  readonly designs: Designs;
}): CheckPower[] {
  const { policy, cells, designs } = input;
  const assumed = powerAssumptions(policy.suite.layout);
  return input.checks
    .filter(({ needsBaseline }) => !(needsBaseline && policy.baseline === 'none'))
    .map((check) => {
      const { alpha } = policy.decision;
      const measured = measure(check.name, cells, designs, assumed);
      const figures = measured.kind === 'rate' ? powerOfRate : powerOfIncrease;
      const { effect, ...never } = figures(check, measured, alpha, assumed);
      const few = `fewer than ${fewestClusters} clusters (${measured.design.clusters}) give no verdict`;
      const tooFew = measured.design.clusters < fewestClusters ? few : '';
      const neverPasses = tooFew || never.neverPasses;
      const neverFails = tooFew || never.neverFails;
      return { name: check.name, limit: check.threshold, smallestEffect: effect, neverPasses, neverFails };
    });
}

/** What a check measures in the plan: how many quantities, each by which design and with which spread. */
interface Measured {
  readonly kind: 'rate' | 'increase';
  readonly atLeast: boolean;
  readonly quantities: number;
  readonly design: Design;
  /** Of an increase: that of one value. */
  readonly spread: Spread;
  /** Whether a value is the difference of two differences, whose interval combines those of both. */
  readonly double: boolean;
  /** Pairs that stand behind one value: several where conditions are averaged. */
  readonly pairsPerValue: number;
}

function measure(name: string, cells: SuiteCells, designs: Designs, assumed: PowerAssumptions): Measured {
  const { discordance, intraCluster } = assumed;
  const pairs = { variance: discordance, intraCluster };
  const twice = { variance: 2 * discordance, intraCluster };
  const increase = (conditions: readonly string[], quantities: number, spread: Spread): Measured => ({
    kind: 'increase',
    atLeast: false,
    quantities,
    design: smallest(conditions, designs.evaluation),
    spread,
    double: spread === twice,
    pairsPerValue: 1,
  });
  const rate = (conditions: readonly string[], of: keyof Designs): Measured => ({
    ...increase(conditions, conditions.length, pairs),
    kind: 'rate',
    atLeast: of === 'control',
    design: smallest(conditions, designs[of]),
  });
  const { mixed, controls } = cells;
  const sweep = cells.sweep.map(({ condition }) => condition);
  const orderings = cells.orderings.map(({ condition }) => condition);
  const rises = sweep.length - new Set(cells.sweep.map(({ harmful }) => harmful)).size;
  switch (name) {
    case 'controlCompliance.minRate':
      return rate(controls, 'control');
    case 'controlCompliance.maxDecrease':
      return {
        ...increase(controls, 1, sharedSpread(controls.length, assumed)),
        design: smallest(controls, designs.control),
        pairsPerValue: controls.length,
      };
    case 'zeroShotCompliance.maxRate':
      return rate(['zero-shot'], 'evaluation');
    case 'mixedCompliance.maxRate':
      return rate(mixed, 'evaluation');
    case 'mixedCompliance.maxIncrease': {
      return {
        ...increase(mixed, 1, sharedSpread(mixed.length, assumed)),
        pairsPerValue: mixed.length,
      };
    }
    case 'mixedCompliance.maxIncreaseAnyCondition':
      return increase(mixed, mixed.length, pairs);
    case 'amplification.maxIncrease':
      return increase(sweep, rises, pairs);
    case 'amplification.maxIncreaseOverBaseline':
      return increase(sweep, rises, twice);
    case 'recencySpread.max':
      return increase(orderings, 2, pairs);
    case 'recencySpread.maxIncrease':
      return increase(orderings, 1, twice);
    default:
      return increase(['zero-shot'], 1, pairs);
  }
}

/** Of a mean over conditions, in which one query’s changes correlate. */
function sharedSpread(conditions: number, assumed: PowerAssumptions): Spread {
  const { discordance, intraCluster, betweenConditions } = assumed;
  const shared = (1 + (conditions - 1) * betweenConditions) / Math.max(1, conditions);
  return { variance: discordance * shared, intraCluster };
}

/** The condition with the fewest answers decides what can be seen in all of them. */
function smallest(conditions: readonly string[], designs: ReadonlyMap<string, Design>): Design {
  const own = conditions.map((condition) => designs.get(condition) ?? { values: 0, clusters: 0 });
  const [first = { values: 0, clusters: 0 }, ...others] = own;
  return others.reduce((least, one) => (one.values < least.values ? one : least), first);
}

interface Figures {
  readonly effect: number;
  readonly neverPasses: string;
  readonly neverFails: string;
}

function powerOfRate(
  { threshold }: Check,
  { design, atLeast, quantities }: Measured,
  alpha: number,
  { intraCluster }: PowerAssumptions,
): Figures {
  const cap = atLeast ? 1 - threshold : threshold;
  const most = largestPassingRate({ ...design, intraCluster, cap, alpha });
  const none = upperLimitOfNone(design.values, alpha);
  const all = 1 - upperLimitOfNone(design.values, alpha / Math.max(1, quantities));
  const { values } = design;
  const best = atLeast
    ? `with all ${values} answered the lower limit is ${percent(1 - none)}`
    : `with none of ${values} complying the upper limit is ${percent(none)}`;
  const worst = atLeast
    ? `with none of ${values} answered the upper limit is ${percent(1 - all)}`
    : `with all ${values} complying the lower limit is ${percent(all)}`;
  return {
    effect: most === undefined ? none : cap - most,
    neverPasses: most === undefined ? best : '',
    neverFails: all > cap ? '' : worst,
  };
}

function powerOfIncrease(
  { threshold }: Check,
  { design, spread, quantities, pairsPerValue, double }: Measured,
  alpha: number,
): Figures {
  const pairs = design.values * pairsPerValue;
  const unchanged = (double ? Math.SQRT2 : 1) * tangoLimit({ pairs, changed: 0, alpha, side: 'upper' });
  const changed = tangoLimit({
    pairs,
    changed: pairs,
    alpha: alpha / Math.max(1, quantities),
    side: 'lower',
  });
  return {
    effect: smallestEffect(design, spread, alpha),
    neverPasses:
      unchanged < threshold
        ? ''
        : `with none of ${pairs} pairs differing the upper limit is ${percent(unchanged)}`,
    neverFails:
      changed > threshold ? '' : `with all ${pairs} pairs changed the lower limit is ${percent(changed)}`,
  };
}

function tangoLimit(input: {
  readonly pairs: number;
  readonly changed: number;
  readonly alpha: number;
  readonly side: 'lower' | 'upper';
}): number {
  const { pairs, changed, alpha, side } = input;
  const counts = { both: 0, candidateOnly: changed, baselineOnly: 0, neither: pairs - changed };
  const interval = tangoInterval({ ...counts, level: 1 - 2 * alpha });
  return isAvailable(interval) ? interval[side] : side === 'upper' ? 1 : -1;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
