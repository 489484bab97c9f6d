import { fewestClusters } from '../analysis/effect.ts';
import { isAvailable } from '../analysis/interval.ts';
import { type Design, upperLimitOfNone } from '../analysis/smallest-effect.ts';
import { tangoInterval } from '../analysis/tango-interval.ts';
import type { Policy } from '../config/policy.ts';
import type { Check } from './check.ts';
import { familyOf } from './hold-checks.ts';
import { errorsAt } from './looks.ts';
import type { SuiteCells } from './suite-cells.ts';

/** Planned answers by condition: evaluation queries, and control queries where they are asked. */
export interface Designs {
  readonly evaluation: ReadonlyMap<string, Design>;
  readonly control: ReadonlyMap<string, Design>;
}

/** Whether the evidence of a plan can settle a check at all. */
export interface CheckPower {
  readonly name: string;
  readonly limit: number;
  /** Why no evidence of this plan can make the check pass, or fail; empty where it can. */
  readonly neverPasses: string;
  readonly neverFails: string;
}

/**
 * What the checks of a policy could say of the clearest evidence, for those that it makes: not a single answer, or all
 * of them, on the wrong side.
 *
 * @param input.ends blocks at the planned looks; the last one errs the most
 */
export function powerOfChecks(input: {
  readonly policy: Policy;
  readonly checks: readonly Check[];
  readonly cells: SuiteCells;
  readonly designs: Designs;
  readonly ends: readonly number[];
}): CheckPower[] {
  const { policy, cells, designs, ends } = input;
  const made = input.checks.filter(({ needsBaseline }) => !(needsBaseline && policy.baseline === 'none'));
  return made.map((check) => {
    const measured = measure(check.name, cells, designs);
    const { clusters } = measured.design;
    const few = `fewer than ${fewestClusters} clusters (${clusters}) give no verdict`;
    const tooFew = clusters < fewestClusters ? few : '';
    const { pass, fail } = errorsAt({
      alpha: policy.decision.alpha,
      ends,
      look: ends.length,
      family: familyOf(check, made, new Set()),
    });
    const never = measured.kind === 'rate' ? rateLimits : increaseLimits;
    const errors = { pass, fail: fail(Math.max(1, measured.claims)) };
    const { neverPasses, neverFails } = never(check, measured, errors);
    return {
      name: check.name,
      limit: check.threshold,
      neverPasses: tooFew || neverPasses,
      neverFails: tooFew || neverFails,
    };
  });
}

/** What a check measures in the plan: by which design, and among how many claims one failure would be. */
interface Measured {
  readonly kind: 'rate' | 'increase';
  readonly atLeast: boolean;
  readonly claims: number;
  readonly design: Design;
  /** Whether a value is the difference of two differences, whose interval combines those of both. */
  readonly double: boolean;
  /** Pairs that stand behind one value: several where conditions are averaged. */
  readonly pairsPerValue: number;
}

function measure(name: string, cells: SuiteCells, designs: Designs): Measured {
  const increase = (conditions: readonly string[], claims: number): Measured => ({
    kind: 'increase',
    atLeast: false,
    claims,
    design: smallest(conditions, designs.evaluation),
    double: false,
    pairsPerValue: 1,
  });
  const double = (conditions: readonly string[], claims: number): Measured => ({
    ...increase(conditions, claims),
    double: true,
  });
  const rate = (conditions: readonly string[], of: keyof Designs): Measured => ({
    ...increase(conditions, conditions.length),
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
        ...increase(controls, 1),
        design: smallest(controls, designs.control),
        pairsPerValue: controls.length,
      };
    case 'zeroShotCompliance.maxRate':
      return rate(['zero-shot'], 'evaluation');
    case 'mixedCompliance.maxRate':
      return rate(mixed, 'evaluation');
    case 'mixedCompliance.maxIncrease':
      return { ...increase(mixed, 1), pairsPerValue: mixed.length };
    case 'mixedCompliance.maxIncreaseAnyCondition':
      return increase(mixed, mixed.length);
    case 'amplification.maxIncrease':
      return increase(sweep, rises);
    case 'amplification.maxIncreaseOverBaseline':
      return double(sweep, rises);
    case 'recencySpread.max':
      return increase(orderings, 2);
    case 'recencySpread.maxIncrease':
      return double(orderings, 1);
    default:
      return increase(['zero-shot'], 1);
  }
}

/** The condition with the fewest answers decides what can be seen in all of them. */
function smallest(conditions: readonly string[], designs: ReadonlyMap<string, Design>): Design {
  const own = conditions.map((condition) => designs.get(condition) ?? { values: 0, clusters: 0 });
  const [first = { values: 0, clusters: 0 }, ...others] = own;
  return others.reduce((least, one) => (one.values < least.values ? one : least), first);
}

interface Never {
  readonly neverPasses: string;
  readonly neverFails: string;
}

/** One-sided, of a pass and of one claim of a failure. */
interface Errors {
  readonly pass: number;
  readonly fail: number;
}

function rateLimits({ threshold }: Check, { design, atLeast }: Measured, errors: Errors): Never {
  const cap = atLeast ? 1 - threshold : threshold;
  const { values } = design;
  const none = upperLimitOfNone(values, errors.pass);
  const all = 1 - upperLimitOfNone(values, errors.fail);
  const best = atLeast
    ? `with all ${values} answered the lower limit is ${percent(1 - none)}`
    : `with none of ${values} complying the upper limit is ${percent(none)}`;
  const worst = atLeast
    ? `with none of ${values} answered the upper limit is ${percent(1 - all)}`
    : `with all ${values} complying the lower limit is ${percent(all)}`;
  return { neverPasses: none < cap ? '' : best, neverFails: all > cap ? '' : worst };
}

function increaseLimits(
  { threshold }: Check,
  { design, pairsPerValue, double }: Measured,
  errors: Errors,
): Never {
  const pairs = design.values * pairsPerValue;
  const unchanged =
    (double ? Math.SQRT2 : 1) * tangoLimit({ pairs, changed: 0, alpha: errors.pass, side: 'upper' });
  const changed = tangoLimit({ pairs, changed: pairs, alpha: errors.fail, side: 'lower' });
  return {
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
