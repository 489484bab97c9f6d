import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const step = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: scalars.default({}),
  env: scalars.default({}),
});
const job = z.strictObject({
  needs: z.string().optional(),
  if: z.string().optional(),
  'runs-on': z.literal('ubuntu-latest'),
  'timeout-minutes': z.int().max(120),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  strategy: z
    .strictObject({
      'fail-fast': z.literal(false),
      matrix: z.record(z.string(), z.array(z.string())),
    })
    .optional(),
  outputs: scalars.optional(),
  steps: z.array(step).min(1),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions: z.strictObject({}),
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(z.string(), job),
});

export type WorkflowStep = z.infer<typeof step>;
export type WorkflowJob = z.infer<typeof job>;
export type Workflow = z.infer<typeof workflow> & { readonly text: string };

/** A workflow of ours, strictly: what this does not know, no test has looked at. */
export function parseWorkflow(text: string): Workflow {
  return { ...workflow.parse(parse(text)), text };
}

export function readWorkflow(name: string): Workflow {
  return parseWorkflow(readFileSync(new URL(`../../docs/workflows/${name}`, import.meta.url), 'utf8'));
}
