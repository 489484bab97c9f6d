import { type Interval, isAvailable, type MaybeInterval } from '../analysis/interval.ts';

export type CheckOutcome = 'pass' | 'fail' | 'inconclusive' | 'notPlanned';

/** One quantity that a limit speaks of: where it was measured, and its interval at any two-sided level. */
export interface Quantity {
  readonly at: string;
  readonly interval: (level: number) => MaybeInterval;
}

/** What a limit says of its quantities: the outcome, the interval that decided it, and where. */
export interface Decision {
  readonly outcome: Exclude<CheckOutcome, 'notPlanned'>;
  readonly value: MaybeInterval;
  readonly at: string;
  readonly note: string;
}

/**
 * One-sided errors that a decision may make: in a pass, and in each of `claims` claims of a failure. An error of 0
 * allows no claim at all, as at a look that comes too early for one.
 */
export interface ErrorRates {
  readonly pass: number;
  readonly fail: (claims: number) => number;
}

/** One look, one check: alpha on either side, shared by the claims (the first step of Holm 1979). */
export function atOneLook(alpha: number): ErrorRates {
  // At a half an interval has no width, at 0 it has all.
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha: expected a number in (0, 0.5), got ${alpha}`);
  return { pass: alpha, fail: (claims) => alpha / claims };
}

/**
 * Holds quantities to an upper limit.
 *
 * Pass needs every quantity's upper limit below, each with error `errors.pass` (intersection-union, Berger 1982: no
 * correction). Fail is a claim about any of the `failing` ones: its lower limit above, with the error of one claim
 * among so many. Everything else, NaN and what is not available among it, is inconclusive.
 *
 * @param input.passing quantities that must all stay below
 * @param input.failing quantities of which one above is a failure; the same ones unless given
 */
export function decideMaximum(input: {
  readonly passing: readonly Quantity[];
  readonly failing?: readonly Quantity[];
  readonly limit: number;
  readonly errors: ErrorRates;
}): Decision {
  const { passing, failing = input.passing, limit, errors } = input;
  const proven = measure(failing, errors.fail(Math.max(1, failing.length))).measured.filter(
    ({ value }) => value.lower > limit,
  );
  const worstProven = highest(proven, (value) => value.lower);
  if (worstProven !== undefined) {
    return { outcome: 'fail', value: worstProven.value, at: worstProven.at, note: '' };
  }
  const { measured, missing } = measure(passing, errors.pass);
  const [gap] = missing;
  if (gap !== undefined)
    return { outcome: 'inconclusive', value: gap.value, at: gap.at, note: gap.value.unavailable };
  const worst = highest(measured, (value) => value.upper);
  if (worst === undefined) return nothingMeasured;
  const holds = measured.every(({ value }) => value.upper < limit);
  if (holds) return { outcome: 'pass', value: worst.value, at: worst.at, note: '' };
  return {
    outcome: 'inconclusive',
    value: worst.value,
    at: worst.at,
    note: undecidedNote(worst.value, limit),
  };
}

/** Where a failure is claimed of other quantities, one of these may lie above the limit and still prove nothing. */
function undecidedNote(value: Interval, limit: number): string {
  return value.lower > limit
    ? 'above the limit at the level of a pass; a fail is one claim of several and needs a wider interval (Holm), which still holds the limit'
    : 'the interval contains the limit';
}

/** Holds quantities to a lower limit: the mirror image of `decideMaximum`. */
export function decideMinimum(input: {
  readonly quantities: readonly Quantity[];
  readonly limit: number;
  readonly errors: ErrorRates;
}): Decision {
  const mirrored = decideMaximum({
    passing: input.quantities.map(({ at, interval }) => ({
      at,
      interval: (level) => mirror(interval(level)),
    })),
    limit: -input.limit,
    errors: input.errors,
  });
  return { ...mirrored, value: mirror(mirrored.value) };
}

function mirror(value: MaybeInterval): MaybeInterval {
  if (!isAvailable(value)) return value;
  return { ...value, estimate: -value.estimate, lower: -value.upper, upper: -value.lower };
}

const nothingMeasured: Decision = {
  outcome: 'inconclusive',
  value: { unavailable: 'nothing was measured' },
  at: '',
  note: 'nothing was measured',
};

const tooEarly: MaybeInterval = { unavailable: 'this look comes too early to say anything' };

interface Measured {
  readonly at: string;
  readonly value: Interval;
}

/** @param error one-sided, of each limit; 0 measures nothing */
function measure(quantities: readonly Quantity[], error: number) {
  const measured: Measured[] = [];
  const missing: { readonly at: string; readonly value: { readonly unavailable: string } }[] = [];
  for (const { at, interval } of quantities) {
    const value = error > 0 ? interval(1 - 2 * error) : tooEarly;
    if (isAvailable(value)) measured.push({ at, value });
    else missing.push({ at, value: 'unavailable' in value ? value : { unavailable: 'not a number' } });
  }
  return { measured, missing };
}

function highest(values: readonly Measured[], of: (value: Interval) => number): Measured | undefined {
  return values.reduce<Measured | undefined>(
    (best, one) => (best === undefined || of(one.value) > of(best.value) ? one : best),
    undefined,
  );
}
