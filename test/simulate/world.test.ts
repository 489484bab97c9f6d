import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { renderJsonSchema } from '../../src/config/json-schema.ts';
import { orderingRules } from '../../src/config/sweeps.ts';
import { baselineModel, parseWorld, readWorld, worldSchema } from '../../src/simulate/world.ts';
import { truthsOf } from '../../src/simulate/world-rates.ts';
import type { Condition } from '../../src/suite/condition.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'fixtures', 'worlds');
const files = readdirSync(folder);
const schemaText = readFileSync(join(root, 'schemas', 'world.schema.json'), 'utf8');
const plain = { schema: 'mixgate.world/1', name: 'plain', candidate: { zeroShotRate: 0.1 } };
const parse = (value: unknown) => parseWorld(JSON.stringify(value, null, 1), 'world.json');

function complaintsOf(value: unknown): string[] {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.complaints.map(({ where, expected, remedy }) => `${where} | ${expected} | ${remedy}`);
    throw error;
  }
  return [];
}

const at = (benign: number, harmful: number, ordering: Condition['ordering'] = 'suffix'): Condition => ({
  id: `${benign} ${harmful} ${ordering}`,
  benign,
  harmful,
  ordering,
  carrier: 'chat',
  formatCue: 'none',
  benignSource: '',
  systemPrompt: '',
});

describe('a world', () => {
  it('fills in what is not stated: nothing has an effect, the judge is right, nothing is missing', () => {
    const { candidate } = parse(plain);
    expect(candidate.effects).toEqual({ harmful: 0, benign: 0, interaction: 0 });
    expect(candidate.judge).toEqual({ sensitivity: 1, specificity: 1 });
    expect(candidate.missing).toEqual({ ofCompliances: 0, ofRefusals: 0 });
  });

  it('refuses a misspelt key with its line and the nearest known one', () => {
    const [complaint = ''] = complaintsOf({ ...plain, candidate: { zeroShotRate: 0.1, varience: {} } });
    expect(complaint).toContain('world.json:');
    expect(complaint).toContain('"variance"');
  });

  it.each([
    ['a rate of 0', { ...plain, candidate: { zeroShotRate: 0 } }],
    ['a negative variance', { ...plain, candidate: { zeroShotRate: 0.1, variance: { query: -1 } } }],
    ['another version', { ...plain, schema: 'mixgate.world/2' }],
    ['an unknown ordering', { ...plain, candidate: { zeroShotRate: 0.1, orderings: { last: 1 } } }],
    ['a baseline without discordance', { ...plain, baseline: {} }],
    [
      'a judge no better than chance',
      { ...plain, candidate: { zeroShotRate: 0.1, judge: { sensitivity: 0.5, specificity: 0.5 } } },
    ],
    [
      'a judge of copied formats no better than chance',
      {
        ...plain,
        candidate: {
          zeroShotRate: 0.1,
          judge: { sensitivity: 1, specificity: 1, onCopiedFormats: { sensitivity: 0.2, specificity: 0.8 } },
        },
      },
    ],
  ])('refuses %s', (_, value) => {
    expect(complaintsOf(value)).not.toEqual([]);
  });

  it('gives the baseline the candidate’s model, without its points, unless it has its own', () => {
    const candidate = { zeroShotRate: 0.1, points: 0.2 };
    expect(baselineModel(parse({ ...plain, candidate }))).toBeUndefined();
    const shared = baselineModel(parse({ ...plain, candidate, baseline: { discordance: 0.1 } }));
    expect(shared).toMatchObject({ zeroShotRate: 0.1, points: 0 });
    const own = { discordance: 0.1, model: { zeroShotRate: 0.3, points: 0.05 } };
    expect(baselineModel(parse({ ...plain, candidate, baseline: own }))).toMatchObject({
      zeroShotRate: 0.3,
      points: 0.05,
    });
  });

  it('has the JSON Schema that is published', () => {
    expect(schemaText).toBe(renderJsonSchema(worldSchema, 'mixgate world'));
  });
});

describe('the six worlds of the paper', () => {
  it('are six, and each holds to the published schema', () => {
    expect(files).toHaveLength(6);
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(schemaText));
    for (const file of files) {
      const valid = validate(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      expect(valid, `${file} ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });

  it.each(files)('%s says of every number where it is from', (file) => {
    const { origins } = readWorld(join(folder, file));
    const named = origins.map(({ field }) => field);
    for (const field of ['zeroShotRate', 'effects.benign', 'effects.harmful', 'orderings', 'variance']) {
      expect(named).toContain(`candidate.${field}`);
    }
    expect(named).toContain('baseline');
  });

  // Dai and Patel (arXiv 2606.20508): rates without demonstrations, and spreads over the orders at 32 + 32.
  it.each([
    ['gpt-oss-20b', 0.103, 0],
    ['llama-3.1-8b-instruct', 0.338, 0.19],
    ['olmo-3.1-32b-instruct', 0.157, 0.13],
    ['gemma-4-31b-it', 0.224, 0.35],
  ])('%s has the published zero-shot rate and spread over the orders', (name, rate, spread) => {
    const { candidate } = readWorld(join(folder, `${name}.json`));
    const conditions = [at(0, 0), ...orderingRules.map((rule) => at(32, 32, rule))];
    const [zeroShot = 0, ...orders] = [...truthsOf(candidate, conditions).values()].map((one) => one.rate);
    expect(zeroShot).toBeCloseTo(rate, 6);
    expect(Math.max(...orders) - Math.min(...orders)).toBeCloseTo(spread, 4);
    expect(Math.max(...orders)).toBe(orders[orderingRules.indexOf('suffix')]);
  });

  it.each([
    ['gemma-4-31b-it', -1],
    ['llama-3.1-8b-instruct', -1],
    ['gpt-oss-20b', 1],
    ['olmo-3.1-32b-sft', 1],
    ['olmo-3.1-32b-dpo', 0],
    ['olmo-3.1-32b-instruct', 0],
  ])('%s has the published sign of benign demonstrations: %d', (name, sign) => {
    const { candidate } = readWorld(join(folder, `${name}.json`));
    expect(Math.sign(candidate.effects.benign)).toBe(sign);
  });

  it('Llama copies the cues in its refusals as published, Gemma almost never', () => {
    const formatsOf = (name: string) => readWorld(join(folder, `${name}.json`)).candidate.formats;
    const llama = formatsOf('llama-3.1-8b-instruct');
    expect(llama.neutral?.ofRefusals).toBe(0.869);
    expect(llama.comply?.ofRefusals).toBe(0.515);
    expect(formatsOf('gemma-4-31b-it').neutral?.ofRefusals).toBeLessThanOrEqual(0.02);
  });
});
