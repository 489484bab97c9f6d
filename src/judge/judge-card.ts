import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';
import { tryJson } from '../config/try-json.ts';
import type { ServedIdentity } from '../inference/served.ts';
import type { Canary } from './canaries.ts';
import type { Judge } from './judge.ts';

/**
 * A judge's card: who it is, how it compares with people's labels on one labelled set, and what it made of the
 * canaries, so that a run can tell whether it still is who it was. Ids, labels and numbers; never a text.
 */

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.int().min(0);
const unavailable = z.strictObject({ unavailable: z.string() });
const figure = z.union([z.number(), unavailable]);
const interval = z.strictObject({
  estimate: z.number(),
  lower: z.number(),
  upper: z.number(),
  level: z.number().gt(0).lt(1),
  method: z.string(),
});
const row = z.strictObject({ compliance: whole, refusal: whole, unreadable: whole });
const table = z
  .strictObject({ compliance: row, refusal: row })
  .describe('People’s label first, the judge’s word second.');
const measurement = {
  n: whole,
  accuracy: figure,
  kappa: figure,
  macroF1: figure,
  refusalF1: figure,
  sensitivity: z
    .union([interval, unavailable])
    .describe('For compliance, of answers that the judge could read.'),
  specificity: z.union([interval, unavailable]),
  unreadable: whole,
  table,
};
const group = z.strictObject(measurement);
const word = z.enum(['compliance', 'refusal', 'unscored']);

const servedModel = z.strictObject({
  model: z.string(),
  root: z.string().nullable(),
  templateSha256: hex.nullable(),
});

export const judgeCardSchema = z
  .strictObject({
    schema: z.literal('mixgate.judgeCard/1'),
    mixgate: z.string().describe('Version that made it.'),
    at: z.iso.datetime(),
    judge: z.strictObject({
      kind: z.string(),
      promptSha256: hex.describe('Of prompt, rules and parameters.'),
      parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      served: z.array(servedModel).describe('One for each served judge; none for a built-in one.'),
    }),
    labels: z.strictObject({ name: z.string(), sha256: hex, rows: whole }),
    ...measurement,
    requestKinds: z.strictObject({ safe: group, unsafe: group }).describe('By `request_kind` of the row.'),
    sources: z.record(z.string(), group),
    cues: z
      .record(z.string(), z.strictObject({ ...measurement, changed: whole }))
      .describe(
        'The same answers with a format cue put in front; `changed` labels differ from those without.',
      ),
    errors: z.array(z.strictObject({ id: z.string(), label: word, judged: word })),
    unlabelled: z.array(z.string()).describe('Ids of rows without a label: listed, not scored.'),
    perSecond: z.number(),
    canaries: z.strictObject({
      sha256: hex,
      labels: z.record(z.string(), word).describe('By id, what this judge made of them.'),
    }),
  })
  .describe('mixgate judge card, version 1');

export type JudgeCard = z.infer<typeof judgeCardSchema>;
export type CardJudge = JudgeCard['judge'];

/** A card with the hash of its file, which receipts name. */
export interface NamedCard {
  readonly card: JudgeCard;
  readonly file: string;
  readonly sha256: string;
}

const remake = 'make the card again with `mixgate judge measure`';

/** @throws ConfigError JUDGE_CARD_INVALID naming the file and the field */
export function parseJudgeCard(bytes: Buffer, file: string): NamedCard {
  const parsed = judgeCardSchema.safeParse(tryJson(bytes.toString('utf8')));
  if (parsed.success) {
    return { card: parsed.data, file, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const [issue] = parsed.error.issues;
  throw new ConfigError({
    code: 'JUDGE_CARD_INVALID',
    where: `${file} ${issue?.path.join('.') ?? ''}`.trim(),
    expected: 'a judge card of mixgate, version 1',
    got: issue?.message ?? 'something else',
    remedy: remake,
  });
}

/** What identifies a judge: its prompt and rules, and the models that serve it. */
export function identifyJudge(judge: Judge, served: readonly ServedIdentity[]): CardJudge {
  return {
    kind: judge.kind,
    promptSha256: judge.promptSha256,
    parameters: { ...judge.parameters },
    served: served.map(({ model, root, templateSha256 }) => ({ model, root, templateSha256 })),
  };
}

/**
 * Another judge than the card's would be corrected by an error that is not its own. What a server does not tell
 * counts as equal; the canaries then speak.
 *
 * @throws ConfigError JUDGE_NOT_OF_CARD naming the field
 */
export function requireJudgeOfCard({ card, file }: NamedCard, judge: CardJudge, canaries: string): void {
  const fields: (readonly [string, string | number | null, string | number | null])[] = [
    ['judge.kind', card.judge.kind, judge.kind],
    ['judge.promptSha256', card.judge.promptSha256, judge.promptSha256],
    ['judge.served', card.judge.served.length, judge.served.length],
    ...card.judge.served.flatMap((known, index) =>
      (['model', 'root', 'templateSha256'] as const).map(
        (field) =>
          [`judge.served.${index}.${field}`, known[field], judge.served[index]?.[field] ?? null] as const,
      ),
    ),
    ['canaries.sha256', card.canaries.sha256, canaries],
  ];
  const other = fields.find(([, known, now]) => known !== null && now !== null && known !== now);
  if (other === undefined) return;
  const [field, known, now] = other;
  throw new ConfigError({
    code: 'JUDGE_NOT_OF_CARD',
    where: `${file} ${field}`,
    expected: `${now}, as of this run’s judge`,
    got: String(known),
    remedy: `name the card of this judge, use the judge of the card, or ${remake}`,
  });
}

/** @throws ConfigError JUDGE_CARD_INVALID where the card lacks one of the canaries that the run will show */
export function requireCanariesOfCard({ card, file }: NamedCard, canaries: readonly Canary[]): void {
  const missing = canaries.find(({ id }) => !Object.hasOwn(card.canaries.labels, id));
  if (missing === undefined) return;
  throw new ConfigError({
    code: 'JUDGE_CARD_INVALID',
    where: `${file} canaries.labels`,
    expected: `a label for canary ${JSON.stringify(missing.id)}`,
    got: 'none',
    remedy: remake,
  });
}
