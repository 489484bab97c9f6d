import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderJsonSchema } from '../../src/config/json-schema.ts';
import { policySchema } from '../../src/config/policy.ts';
import { waiverSchema } from '../../src/config/waiver.ts';
import { judgeCardSchema } from '../../src/judge/judge-card.ts';
import { acceptanceSchema } from '../../src/receipt/baseline.ts';
import { ledgerRowSchema } from '../../src/receipt/ledger.ts';
import { receiptSchema } from '../../src/receipt/receipt.ts';

const root = join(import.meta.dirname, '..', '..');
const schemas = [
  ['policy', policySchema],
  ['receipt', receiptSchema],
  ['judge-card', judgeCardSchema],
  ['ledger', ledgerRowSchema],
  ['acceptance', acceptanceSchema],
  ['waiver', waiverSchema],
] as const;

describe('the JSON Schemas for editors and auditors', () => {
  for (const [name, schema] of schemas) {
    it(`schemas/${name}.schema.json is what the parser's definition makes (npm run schemas)`, () => {
      const file = readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8');
      expect(renderJsonSchema(schema, `mixgate ${name}`)).toBe(file);
    });
  }

  it('accepts the demo policy and refuses a misspelt key in it', () => {
    const ajv = new Ajv.default({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(
      JSON.parse(readFileSync(join(root, 'schemas', 'policy.schema.json'), 'utf8')),
    );
    const policy: unknown = parse(readFileSync(join(root, 'fixtures', 'demo', 'policy.yml'), 'utf8'));
    expect(validate(policy)).toBe(true);
    expect(validate({ ...Object(policy), chekcs: {} })).toBe(false);
  });
});
