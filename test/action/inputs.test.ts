import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { describeUnknownInputs, type Env, readInputs, readSecrets } from '../../src/action/inputs.ts';
import { ConfigError } from '../../src/config/errors.ts';

let workspace: string;
let outside: string;

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'mixgate-'));
  workspace = join(base, 'workspace');
  outside = join(base, 'outside');
  mkdirSync(workspace);
  mkdirSync(outside);
  writeFileSync(join(outside, 'policy.yml'), 'name: outside\n');
});

function env(inputs: Record<string, string>): Env {
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return { GITHUB_WORKSPACE: workspace, RUNNER_TEMP: '/runner/temp', ...Object.fromEntries(variables) };
}

const least = { policy: 'policies/standard.yml', 'base-url': 'https://models.example.com/v1' };

function complaint(inputs: Record<string, string>): { code: string; message: string; remedy: string } {
  try {
    readInputs(env(inputs));
  } catch (error) {
    if (error instanceof ConfigError) {
      return { code: error.code, message: error.message, remedy: error.complaints[0]?.remedy ?? '' };
    }
  }
  throw new Error('expected a ConfigError');
}

describe('readInputs', () => {
  it('makes do with a policy and a server', () => {
    expect(readInputs(env(least))).toEqual({
      policyPath: join(workspace, 'policies/standard.yml'),
      candidatePath: undefined,
      baselineDir: undefined,
      baseUrl: 'https://models.example.com/v1',
      apiKey: undefined,
      model: undefined,
      judgeBaseUrl: undefined,
      judgeApiKey: undefined,
      judgeModel: undefined,
      ledgerKey: undefined,
      outDir: join(workspace, 'mixgate-out'),
      stateDir: expect.stringMatching(/^\/runner\/temp\/mixgate-state-[0-9a-f-]{36}$/),
      shard: undefined,
      mergeDir: undefined,
      comment: 'always',
      waiverPath: undefined,
      trustedRef: undefined,
      checkRun: false,
      receiptsBranch: undefined,
      pullRequest: undefined,
    });
  });

  it('takes all others, trimmed', () => {
    const inputs = readInputs(
      env({
        ...least,
        'api-key': ' key ',
        model: 'm',
        candidate: 'candidate.yml',
        'judge-base-url': 'http://10.0.0.2:8001/v1',
        'judge-api-key': 'jk',
        'judge-model': 'wildguard',
        baseline: 'accepted',
        'state-dir': '/data/state',
        out: 'results',
        'ledger-key': 'lk',
        comment: 'on-change',
      }),
    );
    expect(inputs).toMatchObject({
      apiKey: 'key',
      candidatePath: join(workspace, 'candidate.yml'),
      baselineDir: join(workspace, 'accepted'),
      stateDir: '/data/state',
      outDir: join(workspace, 'results'),
      comment: 'on-change',
    });
  });

  it('take several replicas between commas or blanks', () => {
    const given = { ...least, 'base-url': ' https://a.example/v1,\n  https://b.example/v1 ' };
    expect(readInputs(env(given)).baseUrl).toBe('https://a.example/v1 https://b.example/v1');
  });

  it('take a server for each judge of a panel', () => {
    const panel = {
      'judge-base-url': 'https://a.example/v1, https://b.example/v1',
      'judge-model': 'wildguard,llama',
    };
    expect(readInputs(env({ ...least, ...panel }))).toMatchObject({
      judgeBaseUrl: 'https://a.example/v1 https://b.example/v1',
      judgeModel: 'wildguard,llama',
    });
  });

  it.each(['policy', 'base-url'])('misses %s by name', (name) => {
    expect(complaint({ ...least, [name]: '  ' })).toEqual({
      code: 'INPUT_MISSING',
      message: `input ${name}: expected a value, got nothing`,
      remedy: expect.stringContaining(`\`${name}:\``),
    });
  });

  it.each([
    ['base-url', 'models.example.com/v1', 'an http or https URL'],
    ['base-url', 'file:///etc/passwd', 'an http or https URL'],
    ['base-url', 'https://a.example/v1 b.example/v1', 'an http or https URL'],
    ['judge-base-url', 'https://a.example/v1, b.example/v1', 'an http or https URL'],
    ['judge-base-url', 'https://user:hunter2@judge.example/v1', 'without user and password'],
    ['comment', 'sometimes', 'always, on-change, never'],
    ['check-run', 'yes', 'true or false'],
    ['pull-request', '12 13', 'the number of a pull request'],
    ['pull-request', '0', 'the number of a pull request'],
    ['trusted-ref', '../main', 'a branch, or the full hash of a commit'],
    ['trusted-ref', 'main?x=1', 'a branch, or the full hash of a commit'],
    ['receipts-branch', 'a//b', 'a branch, or the full hash of a commit'],
  ])('refuses %s %j and names what it expects', (name, value, expected) => {
    const { code, message } = complaint({ ...least, [name]: value });
    expect(code).toBe('INPUT_INVALID');
    expect(message).toContain(`input ${name}: expected`);
    expect(message).toContain(expected);
    expect(message).not.toContain('hunter2');
  });

  it('never shows what looks like a key, and says where a key belongs', () => {
    for (const [name, where] of [
      ['base-url', '`api-key`'],
      ['judge-base-url', '`judge-api-key`'],
    ] as const) {
      const { message, remedy } = complaint({ ...least, [name]: `sk-${'a1'.repeat(12)}` });
      expect(message).not.toContain('a1a1');
      expect(remedy).toContain(where);
      expect(complaint({ ...least, [name]: 'https://me:pw@x.example/v1' }).remedy).toContain(where);
    }
  });

  it('takes a shard, which publishes nothing by itself, or a merge, which asks no server', () => {
    expect(readInputs(env({ ...least, shard: '2/4' })).shard).toEqual({ index: 2, of: 4 });
    expect(readInputs(env({ policy: 'p.yml', merge: 'shards' }))).toMatchObject({
      mergeDir: join(workspace, 'shards'),
      baseUrl: '',
    });
    for (const shard of ['0/4', '5/4', '1', 'a/b'])
      expect(complaint({ ...least, shard }).code).toBe('SHARD_INVALID');
    for (const other of [
      { merge: 'x' },
      { baseline: 'x' },
      { 'check-run': 'true' },
      { 'receipts-branch': 'x' },
    ]) {
      const { code, message } = complaint({ ...least, shard: '1/2', ...other });
      expect([code, message]).toEqual([
        'INPUT_CONFLICT',
        expect.stringContaining(Object.keys(other)[0] ?? '?'),
      ]);
    }
  });

  it('keeps answers out of the folder that is published, links followed', () => {
    mkdirSync(join(workspace, 'results'));
    symlinkSync(join(workspace, 'results'), join(workspace, 'link'));
    for (const [out, state] of [
      ['results', 'results'],
      ['results', 'results/state'],
      ['state/out', 'state'],
      ['link', 'results'],
    ] as const) {
      expect(complaint({ ...least, out, 'state-dir': state }).code).toBe('OUT_IS_STATE');
    }
  });

  it.each(['policy', 'candidate', 'baseline', 'waiver'])('keeps %s inside the workspace', (name) => {
    for (const path of [
      '../outside/policy.yml',
      '/etc/passwd',
      'a/../../outside',
      join(outside, 'policy.yml'),
    ]) {
      expect(complaint({ ...least, [name]: path }).code).toBe('INPUT_OUTSIDE');
    }
  });

  it('follows links before it believes that a path is inside', () => {
    symlinkSync(outside, join(workspace, 'link'));
    symlinkSync(join(outside, 'policy.yml'), join(workspace, 'policy.yml'));
    for (const policy of ['link/policy.yml', 'link/missing.yml', 'policy.yml']) {
      expect(complaint({ ...least, policy }).code).toBe('INPUT_OUTSIDE');
    }
  });

  it('takes a workspace that is itself reached by a link', () => {
    const link = join(outside, 'workspace');
    symlinkSync(workspace, link);
    const inputs = readInputs({ ...env(least), GITHUB_WORKSPACE: link });
    expect(inputs.policyPath).toBe(join(link, 'policies/standard.yml'));
  });
});

describe('readSecrets', () => {
  it('lists every key in the forms in which it may be written', () => {
    const secrets = readSecrets(env({ 'api-key': 'a/b c', 'ledger-key': 'plain', model: 'not a secret' }));
    expect(secrets).toEqual(['a/b c', 'a%2Fb%20c', 'YS9iIGM=', 'plain', 'cGxhaW4=']);
  });
});

describe('describeUnknownInputs', () => {
  it('names a misspelt input and the nearest known one', () => {
    expect(
      describeUnknownInputs(env({ ...least, basline: 'x', parallel: '1/4', 'trusted-ref': '' })),
    ).toEqual([
      'input "basline" is not known and has no effect: the nearest known input is "baseline"',
      expect.stringContaining('input "parallel" is not known'),
    ]);
  });
});
