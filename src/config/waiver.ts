import { z } from 'zod';
import { parseStrict } from './parse-strict.ts';
import { parseYaml } from './parse-yaml.ts';

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'one line without control characters')
    .refine((value) => value.trim() !== '', 'a text that is not blank');

export const waiverSchema = z
  .strictObject({
    version: z.literal(1),
    policy: line(64).describe('Name of the policy whose verdict is waived.'),
    signedOffBy: line(200).describe('Who answers for it.'),
    date: z.iso.date().describe('Day of signing, UTC.'),
    reason: line(1000),
    evidenceDigest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')
      .describe('The evidence that was looked at, as the receipt gives it.'),
    receipt: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe(
        'That evidence’s receipt, relative to this file: the waiver then also holds when it is measured again.',
      ),
    until: z.iso.date().describe('Last day on which it holds, UTC.'),
  })
  .describe('mixgate waiver, version 1: a failed release may go on, signed by a person, for a time');

/** A failed release may go on: who says so, why, on which evidence, until when. */
export type Waiver = z.infer<typeof waiverSchema>;

/** @throws ConfigError YAML_SYNTAX or WAIVER_INVALID with file, line and key */
export function parseWaiver(source: string, file: string): Waiver {
  return parseStrict(waiverSchema, parseYaml(source, file), { code: 'WAIVER_INVALID' });
}
