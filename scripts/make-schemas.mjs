// Writes schemas/ from the definitions that parse: run with Node 24, which strips types.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJsonSchema } from '../src/config/json-schema.ts';
import { policySchema } from '../src/config/policy.ts';
import { waiverSchema } from '../src/config/waiver.ts';
import { judgeCardSchema } from '../src/judge/judge-card.ts';
import { acceptanceSchema } from '../src/receipt/baseline.ts';
import { ledgerRowSchema } from '../src/receipt/ledger.ts';
import { receiptSchema } from '../src/receipt/receipt.ts';
import { worldSchema } from '../src/simulate/world.ts';

const folder = join(import.meta.dirname, '..', 'schemas');
const schemas = {
  policy: policySchema,
  receipt: receiptSchema,
  ledger: ledgerRowSchema,
  acceptance: acceptanceSchema,
  waiver: waiverSchema,
  world: worldSchema,
  'judge-card': judgeCardSchema,
};
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(join(folder, `${name}.schema.json`), renderJsonSchema(schema, `mixgate ${name}`));
}
