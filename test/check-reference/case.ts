import { z } from 'zod';
import { type Interval, isAvailable, type MaybeInterval } from '../../src/analysis/interval.ts';
import { NotAvailable, type Produced } from './compare.ts';

export const caseSchema = z.strictObject({
  id: z.string(),
  description: z.string().nullish(),
  method: z.string().nullish(),
  input: z.record(z.string(), z.unknown()),
  expected: z.record(z.string(), z.unknown()),
  tolerance: z
    .record(z.string(), z.number().nonnegative())
    .refine(({ rel, abs }) => rel !== undefined && abs !== undefined),
  software: z.unknown(),
});

export type Case = z.infer<typeof caseSchema>;

/**
 * A topic gives each expected field of a case its value from the source, or undefined for a field that it does not know.
 * It throws (zod) on input that it does not know.
 */
export type Topic = (reference: Case) => (field: string) => Produced | undefined;

/** The limits as the files write them. */
export function limits(interval: MaybeInterval): Produced {
  return given(interval, ({ lower, upper }) => [lower, upper]);
}

export function given(interval: MaybeInterval, of: (interval: Interval) => Produced): Produced {
  if (isAvailable(interval)) return of(interval);
  return new NotAvailable('unavailable' in interval ? interval.unavailable : 'not finite');
}

/** Whether the field is a name with a number in it, and the number: `ci90_t` of /^ci(\d+)_t$/. */
export function numberIn(field: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(field)?.[1];
  return found === undefined ? undefined : Number(found);
}
