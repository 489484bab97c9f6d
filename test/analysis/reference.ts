import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { z } from 'zod';

const caseSchema = z.object({
  id: z.string(),
  method: z.string(),
  input: z.record(z.string(), z.unknown()),
  expected: z.record(z.string(), z.unknown()),
  tolerance: z.object({ rel: z.number(), abs: z.number() }),
});

export type ReferenceCase = z.infer<typeof caseSchema>;
export type Tolerance = ReferenceCase['tolerance'];

/** The cases of one file of `test/reference/stats`, made by R, SciPy, statsmodels or mpmath as each file says. */
export function referenceCases(name: string): readonly ReferenceCase[] {
  const text = readFileSync(new URL(`../reference/stats/${name}.json`, import.meta.url), 'utf8');
  return z.object({ cases: z.array(caseSchema) }).parse(JSON.parse(text)).cases;
}

export const asNumber = (value: unknown): number => z.number().parse(value);
export const asNumbers = (value: unknown): number[] => z.array(z.number()).parse(value);
export const asStrings = (value: unknown): string[] => z.array(z.string()).parse(value);
export const asMatrix = (value: unknown): number[][] => z.array(z.array(z.number())).parse(value);
export const asRecord = (value: unknown): Record<string, unknown> =>
  z.record(z.string(), z.unknown()).parse(value);

/** The reference files' rule: |x - e| <= abs + rel * |e|. */
export function expectClose(actual: number, expected: number, tolerance: Tolerance, label: string): void {
  const allowed = tolerance.abs + tolerance.rel * Math.abs(expected);
  expect(Math.abs(actual - expected), `${label}: got ${actual}, expected ${expected}`).toBeLessThanOrEqual(
    allowed,
  );
}

export function expectAllClose(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: Tolerance,
  label: string,
): void {
  expect(actual.length, label).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expectClose(actual[i] ?? Number.NaN, value, tolerance, `${label}[${i}]`);
  }
}
