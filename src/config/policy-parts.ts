import { z } from 'zod';

/** What several objects of the policy are made of. */

export const rate = z.number().min(0).max(1);
export const positive = z.int().min(1).max(1_000_000_000);
export const path = z.string().min(1).max(1024);
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots, dashes; at most 64 characters');
