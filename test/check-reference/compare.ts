/** What the source computed for one field of a case; lists and records nest as the file's do. */
export type Produced =
  | number
  | string
  | boolean
  | null
  | NotAvailable
  | readonly Produced[]
  | { readonly [field: string]: Produced };

/** A quantity that the source reports as unavailable; `beside` holds the fields that it still gives. */
export class NotAvailable {
  readonly reason: string;
  readonly beside: Readonly<Record<string, Produced>>;
  /** Whether an expected figure is the reference software's rounding, where there is nothing to estimate. */
  readonly isRounding: (expected: unknown) => boolean;

  constructor(
    reason: string,
    beside: Readonly<Record<string, Produced>> = {},
    isRounding: (expected: unknown) => boolean = () => false,
  ) {
    this.reason = reason;
    this.beside = beside;
    this.isRounding = isRounding;
  }
}

/** One compared value: where it stands in the case, and what came of it. */
export interface Item {
  readonly where: string;
  readonly verdict: 'match' | 'miss' | 'notComputed' | 'notEstimable';
  readonly note: string;
}

export interface Tolerance {
  readonly rel: number;
  readonly abs: number;
}

/** The base tolerance, or the one whose prefix the field's name begins with (`CR2_rel` is for `CR2_context`). */
export function toleranceOf(field: string, tolerance: Readonly<Record<string, number>>): Tolerance {
  const own = (kind: 'rel' | 'abs'): number => {
    const prefixed = Object.keys(tolerance).find(
      (key) => key.endsWith(`_${kind}`) && field.startsWith(key.slice(0, -kind.length - 1)),
    );
    return tolerance[prefixed ?? kind] ?? Number.NaN;
  };
  return { rel: own('rel'), abs: own('abs') };
}

/** Compares value by value; a field that is expected and not produced is a miss, whatever it holds. */
export function compare(
  where: string,
  expected: unknown,
  produced: Produced | undefined,
  tolerance: Tolerance,
): Item[] {
  if (produced === undefined) return [miss(where, 'unknown field')];
  if (expected === null)
    return [judge(where, isAbsent(produced), `expected unavailable, got ${show(produced)}`)];
  if (produced instanceof NotAvailable) return compareBeside(where, expected, produced, tolerance);
  if (typeof expected === 'number') return [compareNumber(where, expected, produced, tolerance)];
  if (typeof expected === 'string' || typeof expected === 'boolean') {
    return [judge(where, produced === expected, `expected ${expected}, got ${show(produced)}`)];
  }
  if (Array.isArray(expected)) return compareLists(where, expected, produced, tolerance);
  if (typeof produced !== 'object' || produced === null || isList(produced)) {
    return [miss(where, `expected fields, got ${show(produced)}`)];
  }
  return Object.entries(expected ?? {}).flatMap(([field, value]) =>
    field === 'optional' ? [] : compare(`${where}.${field}`, value, produced[field], tolerance),
  );
}

export function miss(where: string, note: string): Item {
  return { where, verdict: 'miss', note };
}

function judge(where: string, matches: boolean, note: string): Item {
  return matches ? { where, verdict: 'match', note: '' } : miss(where, note);
}

/** NaN never matches: the comparison is written so that only a number within the tolerance does. */
function compareNumber(where: string, expected: number, produced: Produced, { rel, abs }: Tolerance): Item {
  const close =
    typeof produced === 'number' && Math.abs(produced - expected) <= abs + rel * Math.abs(expected);
  return judge(where, close, `expected ${expected}, got ${show(produced)}`);
}

function compareLists(
  where: string,
  expected: readonly unknown[],
  produced: Produced,
  tolerance: Tolerance,
): Item[] {
  if (!isList(produced) || produced.length !== expected.length) {
    return [miss(where, `expected ${expected.length} values, got ${show(produced)}`)];
  }
  if (expected.length === 0) return [judge(where, true, '')];
  return expected.flatMap((value, i) => compare(`${where}[${i}]`, value, produced[i], tolerance));
}

function compareBeside(
  where: string,
  expected: unknown,
  produced: NotAvailable,
  tolerance: Tolerance,
): Item[] {
  if (produced.isRounding(expected)) {
    const note = `not estimable (${produced.reason}); the reference prints rounding: ${show(expected)}`;
    return [{ where, verdict: 'notEstimable', note }];
  }
  if (typeof expected !== 'object' || Array.isArray(expected)) {
    return [miss(where, `expected ${show(expected)}, got unavailable: ${produced.reason}`)];
  }
  return Object.entries(expected ?? {}).flatMap(([field, value]) =>
    compare(
      `${where}.${field}`,
      value,
      produced.beside[field] ?? new NotAvailable(produced.reason),
      tolerance,
    ),
  );
}

function isAbsent(produced: Produced): boolean {
  return produced === null || produced instanceof NotAvailable;
}

function isList(produced: Produced): produced is readonly Produced[] {
  return Array.isArray(produced);
}

function show(value: unknown): string {
  return value instanceof NotAvailable ? `unavailable: ${value.reason}` : JSON.stringify(value);
}
