import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inputNames } from '../../src/action/inputs.ts';
import { starterFiles } from '../../src/cli/init.ts';
import { fill } from './expression.ts';
import { parseWorkflow, readWorkflow, type Workflow } from './workflow.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const folder = new URL('../../docs/workflows/', import.meta.url);
const shown = readdirSync(folder).map((file) => ({ file: `docs/workflows/${file}`, ...readWorkflow(file) }));
const written = starterFiles(`acme/mixgate@${commit}`)
  .filter(({ path }) => path.startsWith('.github/workflows/'))
  .map(({ path, text }) => ({ file: `mixgate init: ${path}`, ...parseWorkflow(text) }));
const all = [...shown, ...written];

const jobsOf = ({ jobs }: Workflow) => Object.values(jobs);
const stepsOf = (workflow: Workflow) => jobsOf(workflow).flatMap(({ steps }) => steps);
const isOurs = (uses = '') => /\/mixgate@/.test(uses);
const expressions = (text: string) =>
  [...text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].map(([, inside = '']) => inside);

/** The rules of zizmor and actionlint that bear on workflows like these, over the parsed files. */
describe.each(all)('$file', (workflow) => {
  it('grants nothing at the top, and says why each job is granted what it is', () => {
    expect(workflow.permissions).toEqual({});
    const granted = workflow.text.split('\n').filter((line) => /^ +[a-z-]+: (read|write)\b/.test(line));
    for (const line of granted) expect(line).toMatch(/: (read|write) # \S/);
    expect(granted.length).toBe(
      jobsOf(workflow).flatMap(({ permissions }) => Object.keys(permissions)).length,
    );
  });

  it('grants what signs or writes only where no head and no model can reach it', () => {
    const startedByHeads = 'pull_request' in workflow.on;
    for (const { permissions, steps } of jobsOf(workflow)) {
      if (permissions['id-token'] === 'write') expect(steps.some(({ uses }) => isOurs(uses))).toBe(false);
      if (startedByHeads) expect([undefined, 'read']).toContain(permissions.contents);
    }
  });

  it('pins every action by a full hash with its version, and keeps no credentials', () => {
    for (const { uses, with: inputs } of stepsOf(workflow)) {
      if (uses === undefined) continue;
      expect(uses).toMatch(/@([0-9a-f]{40}|FULL_COMMIT_SHA)$/);
      if (!isOurs(uses)) expect(workflow.text).toMatch(new RegExp(`uses: ${uses} # v\\d+\\.\\d+\\.\\d+\\n`));
      if (uses.startsWith('actions/checkout@')) expect(inputs['persist-credentials']).toBe('false');
    }
  });

  it('gives ours only inputs that it has, among them a policy', () => {
    for (const { uses, with: inputs } of stepsOf(workflow).filter((step) => isOurs(step.uses))) {
      expect(uses).toBeDefined();
      expect(Object.keys(inputs)).toContain('policy');
      for (const name of Object.keys(inputs)) expect(inputNames).toContain(name);
    }
  });

  it('puts no expression into a script, and no text that a stranger writes anywhere', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(expressions(run)).toEqual([]);
    const hostile = /title|body|head_ref|ref_name|label|message|email|\.user|sender|head\.ref|comment/;
    for (const inside of expressions(workflow.text)) expect(inside).not.toMatch(hostile);
  });

  it('uses only expressions that the emulation knows, so that each is tried', () => {
    for (const inside of expressions(workflow.text))
      expect(() => fill(`\${{ ${inside} }}`, {})).not.toThrow();
  });

  it('has no dangerous trigger, hands on no secrets wholesale, and caches nothing', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    expect(Object.keys(workflow.on)).not.toContain('issue_comment');
    expect(workflow.text).not.toMatch(/secrets: inherit|toJSON\(secrets|actions\/cache@/);
  });

  it('shows secrets to our step alone, and the token only to scripts that need it', () => {
    for (const { uses, env, with: inputs } of stepsOf(workflow)) {
      const secrets = [...Object.values(env), ...Object.values(inputs)].filter((value) =>
        value.includes('secrets.'),
      );
      if (!isOurs(uses)) expect(secrets).toEqual([]);
      for (const [name, value] of Object.entries(env))
        if (value.includes('token')) expect(name).toBe('GH_TOKEN');
    }
  });

  it('uploads receipts, labels and a number, and nothing that may hold a text', () => {
    const paths = stepsOf(workflow).flatMap(({ uses = '', with: inputs }) =>
      uses.startsWith('actions/upload-artifact@') ? [inputs.path] : [],
    );
    const harmless = /^(mixgate-out|number|\$\{\{ steps\.shard\.outputs\.shard-path \}\})$/;
    for (const path of paths) expect(path).toMatch(harmless);
  });

  it('stops what it replaces only where nothing is lost by it', () => {
    expect(workflow.concurrency.group).toMatch(/^mixgate-/);
    const writes = jobsOf(workflow).some(
      ({ permissions }) => permissions.contents === 'write' || 'id-token' in permissions,
    );
    if (writes) expect(workflow.concurrency['cancel-in-progress']).toBe(false);
  });

  it('keeps secrets from what a fork starts', () => {
    if ('workflow_run' in workflow.on) {
      for (const { environment } of jobsOf(workflow)) expect(environment).toBeDefined();
      expect(stepsOf(workflow).some(({ uses = '' }) => uses.startsWith('actions/checkout@'))).toBe(false);
    }
    if (workflow.file.endsWith('fork-ask.yml'))
      expect(workflow.text).not.toMatch(/secrets\.|vars\.|: (read|write)\b/);
  });
});

describe('a job that others need', () => {
  it('is never skipped into a pass', () => {
    for (const { jobs } of all) {
      for (const { needs, steps, if: condition } of Object.values(jobs)) {
        const decides = steps.some(({ uses }) => isOurs(uses));
        if (needs !== undefined && decides) expect(condition).toBe('always()');
      }
    }
  });
});

describe('a gate of pull requests', () => {
  it('names its branch, so that a pass elsewhere is none here, and filters no paths', () => {
    for (const { file, on } of all) {
      if (!/gate\.yml$/.test(file) || !('pull_request' in on)) continue;
      expect(on.pull_request).toEqual({ branches: ['main'] });
      expect(Object.keys(on)).toEqual(['pull_request', 'merge_group']);
    }
  });
});

describe('the schedule', () => {
  it('stands in a file of its own', () => {
    const events = shown.filter(({ on }) => 'schedule' in on).map(({ on }) => Object.keys(on));
    expect(events).toEqual([['schedule', 'workflow_dispatch']]);
  });
});
