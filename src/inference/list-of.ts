import { z } from 'zod';

/** A list in a server's reply. Its length is looked at first: each wrong entry of a longer one would cost a complaint. */
export function listOf<T extends z.ZodType>(entry: T, { min = 0, max }: { min?: number; max: number }) {
  return z.array(z.unknown()).min(min).max(max).pipe(z.array(entry));
}
