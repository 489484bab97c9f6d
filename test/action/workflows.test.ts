import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { inputNames } from '../../src/action/inputs.ts';

const folder = new URL('../../docs/workflows/', import.meta.url);
const stepSchema = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const schema = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  concurrency: z.object({ group: z.string() }),
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.record(z.string(), z.string()),
      'timeout-minutes': z.number(),
      environment: z.string().optional(),
      steps: z.array(stepSchema),
    }),
  ),
});
const workflows = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return { name, text, ...schema.parse(parse(text)) };
  });
const stepsOf = ({ jobs }: (typeof workflows)[number]) => Object.values(jobs).flatMap(({ steps }) => steps);

describe.each(workflows)('docs/workflows/$name', (workflow) => {
  it('grants nothing at the top, and says why each job is granted what it is', () => {
    expect(workflow.permissions).toEqual({});
    for (const line of workflow.text.split('\n').filter((one) => /^ +[a-z-]+: (read|write)\b/.test(one))) {
      expect(line).toMatch(/ # \S/);
    }
  });

  it('pins every action by a full hash, and gives ours only inputs that it has', () => {
    for (const { uses = '', with: inputs = {} } of stepsOf(workflow).filter(
      (step) => step.uses !== undefined,
    )) {
      expect(uses).toMatch(/@([0-9a-f]{40}|FULL_COMMIT_SHA)$/);
      if (uses.startsWith('actions/checkout@'))
        expect(inputs).toMatchObject({ 'persist-credentials': false });
      if (!uses.includes('/mixgate@')) continue;
      for (const name of Object.keys(inputs)) expect(inputNames).toContain(name);
    }
  });

  it('puts no expression into a script, and has no dangerous trigger', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toContain('${{');
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
  });

  it('keeps secrets from what a fork starts', () => {
    const events = Object.keys(workflow.on);
    if (events.includes('workflow_run')) {
      for (const { environment } of Object.values(workflow.jobs)) expect(environment).toBeDefined();
      expect(stepsOf(workflow).some(({ uses = '' }) => uses.startsWith('actions/checkout@'))).toBe(false);
    }
    if (workflow.name === 'fork-ask.yml')
      expect(workflow.text).not.toMatch(/secrets\.|vars\.|: (read|write)\b/);
  });
});

describe('the schedule', () => {
  it('stands in a file of its own', () => {
    const events = workflows.filter(({ on }) => 'schedule' in on).map(({ on }) => Object.keys(on));
    expect(events).toEqual([['schedule', 'workflow_dispatch']]);
  });
});
