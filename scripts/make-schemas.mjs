// Writes schemas/ from the definitions that parse: run with Node 24, which strips types.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJsonSchema } from '../src/config/json-schema.ts';
import { policySchema } from '../src/config/policy.ts';
import { judgeCardSchema } from '../src/judge/judge-card.ts';
import { receiptSchema } from '../src/receipt/receipt.ts';
import { worldSchema } from '../src/simulate/world.ts';

const folder = join(import.meta.dirname, '..', 'schemas');
writeFileSync(join(folder, 'policy.schema.json'), renderJsonSchema(policySchema, 'mixgate policy'));
writeFileSync(join(folder, 'receipt.schema.json'), renderJsonSchema(receiptSchema, 'mixgate receipt'));
writeFileSync(join(folder, 'world.schema.json'), renderJsonSchema(worldSchema, 'mixgate world'));
writeFileSync(
  join(folder, 'judge-card.schema.json'),
  renderJsonSchema(judgeCardSchema, 'mixgate judge-card'),
);
