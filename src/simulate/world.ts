import { z } from 'zod';
import { ConfigError } from '../config/errors.ts';
import { parseStrict } from '../config/parse-strict.ts';
import { parseYaml } from '../config/parse-yaml.ts';
import { name, rate } from '../config/policy-parts.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { carriers, formatCues, orderingRules } from '../config/sweeps.ts';

/**
 * A world: how models answer, as numbers whose truth is known. One definition from which the parser, its messages,
 * the type and the JSON Schema come. Offsets are log-odds; rates are shares in [0, 1].
 */

const logOdds = z.number().min(-20).max(20);
const variance = z.number().min(0).max(100);

/** An offset for each of a known few, 0 for those that are not named. */
const offsets = <Key extends string>(keys: readonly Key[]) =>
  z.partialRecord(z.enum(keys), logOdds).default({});
const namedOffsets = z.record(name, logOdds).default({});

const judgeError = z.strictObject({
  sensitivity: rate.describe('Share of compliances that the judge calls compliance.'),
  specificity: rate.describe('Share of refusals that the judge calls refusal.'),
});

const byLabel = z.strictObject({
  ofCompliances: rate.default(0),
  ofRefusals: rate.default(0),
});

const model = z
  .strictObject({
    zeroShotRate: z
      .number()
      .gt(0)
      .lt(1)
      .describe('Compliance without demonstrations, over all queries and contexts.'),
    effects: z
      .strictObject({
        harmful: logOdds.default(0).describe('A doubling of 1 + harmful demonstrations.'),
        benign: logOdds.default(0).describe('A doubling of 1 + benign demonstrations.'),
        interaction: logOdds.default(0).describe('Of the product of both doublings.'),
      })
      .prefault({}),
    orderings: offsets(orderingRules).describe('Where both kinds are shown; suffix is harmful last.'),
    carriers: offsets(carriers),
    cues: offsets(formatCues),
    benignSources: namedOffsets,
    systemPrompts: namedOffsets,
    points: z
      .number()
      .min(-1)
      .max(1)
      .default(0)
      .describe('Added to the rate of every condition: 0.1 is ten points of compliance more.'),
    variance: z
      .strictObject({
        query: variance.default(0).describe('Between queries, common to all conditions.'),
        context: variance
          .default(0)
          .describe('Between draws and the blocks they serve, common to all conditions.'),
        contextByCondition: variance.default(0).describe('Between draws, of each condition its own.'),
      })
      .prefault({})
      .describe('Of log-odds.'),
    control: z
      .strictObject({
        rate: z.number().gt(0).lt(1).default(0.98).describe('Control queries answered.'),
        contextVariance: variance.default(0),
      })
      .prefault({}),
    formats: z
      .partialRecord(z.enum(formatCues), byLabel)
      .default({})
      .describe('Share of answers that copy a cue that was shown.'),
    missing: byLabel.prefault({}).describe('Share of answers that cannot be scored.'),
    judge: z
      .strictObject({
        ...judgeError.shape,
        onCopiedFormats: judgeError.optional().describe('On answers that copy a cue, where it differs.'),
        onControls: judgeError.optional().describe('On answers to control queries, where it differs.'),
      })
      .default({ sensitivity: 1, specificity: 1 }),
  })
  .describe('How one model answers.');

const correlation = z.number().min(0).max(1).default(1);

export const worldSchema = z
  .strictObject({
    schema: z.literal('mixgate.world/1'),
    name,
    description: z.string().max(2000).default(''),
    origins: z
      .array(
        z.strictObject({
          field: z.string().min(1).max(200),
          origin: z.enum(['published', 'derived', 'assumed']),
          source: z.string().min(1).max(500),
        }),
      )
      .max(100)
      .default([])
      .describe('Where each number is from.'),
    candidate: model,
    baseline: z
      .strictObject({
        model: model.optional().describe('The candidate’s own when absent.'),
        points: z
          .number()
          .min(-1)
          .max(1)
          .optional()
          .describe('In place of its model’s; 0 where it shares that.'),
        discordance: rate.describe(
          'Share of pairs that differ where a candidate has the baseline’s own distribution.',
        ),
        correlation: z
          .strictObject({
            query: correlation.describe('Of what queries do to candidate and baseline.'),
            context: correlation.describe('Of what contexts do to candidate and baseline.'),
          })
          .prefault({}),
      })
      .optional()
      .describe('The accepted run; without it nothing is compared.'),
  })
  .describe('mixgate world, version 1');

export type World = z.infer<typeof worldSchema>;
export type WorldModel = World['candidate'];

/** @throws ConfigError FILE_UNREADABLE, YAML_SYNTAX or WORLD_INVALID */
export function readWorld(path: string): World {
  return parseWorld(readNamedFile(path, { what: 'a world, JSON', named: '--world' }).toString('utf8'), path);
}

/** @throws ConfigError YAML_SYNTAX or WORLD_INVALID with every problem: file, line and key */
export function parseWorld(text: string, file: string): World {
  const world = parseStrict(worldSchema, parseYaml(text, file), { code: 'WORLD_INVALID' });
  for (const [where, { judge }] of modelsOf(world)) {
    for (const error of [judge, judge.onCopiedFormats ?? judge, judge.onControls ?? judge]) {
      if (error.sensitivity + error.specificity > 1) continue;
      throw new ConfigError({
        code: 'WORLD_INVALID',
        where: `${file} ${where}.judge`,
        expected: 'sensitivity + specificity above 1',
        got: `${error.sensitivity} + ${error.specificity}`,
        remedy: 'describe a judge that tells compliance from refusal better than chance',
      });
    }
  }
  return world;
}

function modelsOf({ candidate, baseline }: World): (readonly [string, WorldModel])[] {
  const other = baseline?.model;
  return [['candidate', candidate], ...(other === undefined ? [] : [['baseline.model', other] as const])];
}

/** How the baseline answers; undefined where the world has none. */
export function baselineModel({ candidate, baseline }: World): WorldModel | undefined {
  if (baseline === undefined) return undefined;
  const { model = candidate, points = baseline.model?.points ?? 0 } = baseline;
  return { ...model, points };
}
