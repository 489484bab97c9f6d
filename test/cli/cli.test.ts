import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { version } from '../../src/version.ts';
import { writeSmallPolicy } from '../run/small-gate.ts';
import { type CommandResult, runCommand } from './command.ts';

let server: ScriptedServer;
const folder = mkdtempSync(join(tmpdir(), 'mixgate-cli-'));
const policy = writeSmallPolicy();
const out = (name: string) => join(folder, name, 'out');

function gate(name: string, model: string, ...more: readonly string[]): Promise<CommandResult> {
  const folders = ['--state-dir', join(folder, name, 'state'), '--out', out(name)];
  return runCommand([
    'run',
    '--policy',
    policy,
    '--base-url',
    server.baseUrl,
    '--model',
    model,
    ...folders,
    ...more,
  ]);
}

beforeAll(async () => {
  server = await startScriptedServer({
    models: [
      { id: 'strict', rule: () => 0.03 },
      { id: 'open', rule: () => 0.97 },
      { id: 'even', rule: () => 0.5 },
    ],
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('mixgate', () => {
  it.each([
    [[], ['demo', 'plan', 'run', 'baseline', 'verify', 'report']],
    [
      ['run'],
      [
        '--policy',
        '--base-url',
        '--model',
        '--candidate',
        '--judge-base-url',
        '--baseline',
        '--state-dir',
        '--out',
        '--json',
        'MIXGATE_API_KEY',
      ],
    ],
    [['plan'], ['--policy', '--json']],
    [['verify'], ['--ledger', '--policy', '--baseline', '--json']],
    [['report'], ['--html']],
    [['baseline'], ['accept']],
    [
      ['baseline', 'accept'],
      ['--by', '--reason', '--out'],
    ],
    [['demo'], ['--out']],
  ])('%j --help tells its options and ends with 0', async (command, told) => {
    const { exitCode, stdout, stderr } = await runCommand([...command, '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const word of told) expect(stdout).toContain(word);
  });

  it('--version tells the version', async () => {
    expect(await runCommand(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  });

  it.each<[string, string[], RegExp]>([
    [
      'an unknown option',
      ['verify', 'x', '--polciy', 'y'],
      /unknown option '--polciy'\n\(Did you mean --policy\?\)/,
    ],
    ['an unknown command', ['rnu'], /unknown command 'rnu'\n\(Did you mean run\?\)\n+ {2}-> add --help/],
    ['no command', [], /Usage: mixgate/],
    [
      'a missing option',
      ['run', '--policy', 'x'],
      /required option '--base-url <url>'.*\n+ {2}-> add --help/,
    ],
    [
      'a wrong number',
      ['run', '--policy', 'x', '--base-url', 'x', '--attempt', '0'],
      /whole number from 1 on/,
    ],
    ['an argument too many', ['plan', '--policy', 'x', 'y'], /too many arguments/],
    [
      'a policy that is not there',
      ['plan', '--policy', '/no/policy.yml'],
      /\/no\/policy\.yml: expected a policy file, got no such file\n\s+-> correct --policy, or create the file/,
    ],
    ['a receipt that is not there', ['verify', '/no/receipt.json'], /FILE_UNREADABLE/],
    [
      'a baseline that is no run',
      ['baseline', 'accept', '/no/run', '--by', 'me', '--reason', 'why'],
      /\/no\/run\/receipt\.json: expected the baseline’s receipt\.json, got no such file/,
    ],
    [
      'an acceptance by nobody',
      ['baseline', 'accept', '/no/run', '--by', ' ', '--reason', 'why'],
      /--by: expected 1 to 200 characters, got nothing/,
    ],
  ])('ends with 3 and a message on %s', async (_what, args, message) => {
    const { exitCode, stdout, stderr } = await runCommand(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('says where and what in a policy is wrong, and the nearest known key', async () => {
    const file = join(folder, 'wrong.yml');
    writeFileSync(file, readFileSync(policy, 'utf8').replace('"draws"', '"drwas"'));
    const { exitCode, stderr } = await runCommand(['plan', '--policy', file]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/wrong\.yml:\d+ suite\.drwas: expected a known key/);
    expect(stderr).toContain('the nearest known key is "draws"');
  });
});

describe('mixgate plan', () => {
  it('lays the suite out without touching the network', async () => {
    const { exitCode, stdout } = await runCommand(['plan', '--policy', policy, '--json']);
    expect(exitCode).toBe(0);
    const plan = z
      .object({
        conditions: z.array(z.object({ id: z.string(), trials: z.number() })),
        trials: z.number(),
        requests: z.number(),
      })
      .parse(JSON.parse(stdout));
    // Five conditions of 16 queries, and 16 control queries at zero shot and in the longest context.
    expect(plan).toMatchObject({ trials: 7 * 16, requests: 7 * 16 });
    expect(plan.conditions.map(({ id }) => id).sort()).toEqual([
      'b0-h4',
      'b4-h4',
      'b4-h4-prefix',
      'b8-h4',
      'zero-shot',
    ]);
    expect((await runCommand(['plan', '--policy', policy])).stdout).toContain('112 trials');
  });
});

describe('mixgate run', () => {
  it.each([
    ['strict', 0, 'pass'],
    ['open', 1, 'fail'],
    ['even', 2, 'inconclusive'],
  ])('ends for %s with exit code %d: %s', async (model, exitCode, verdict) => {
    const result = await gate(`verdict-${model}`, model);
    expect(result).toMatchObject({ exitCode, stdout: expect.stringContaining(`verdict: ${verdict}\n`) });
    for (const name of ['receipt.json', 'ledger.jsonl', 'comment.md', 'summary.md', 'report.html']) {
      expect(existsSync(join(out(`verdict-${model}`), name))).toBe(true);
    }
  });

  it('prints JSON alone on standard output with --json, and progress on standard error', async () => {
    const { stdout, stderr } = await gate('json', 'strict', '--json');
    const result = z
      .object({
        verdict: z.string(),
        digest: z.string(),
        checks: z.array(z.object({ name: z.string() })),
        files: z.object({ receipt: z.string() }),
      })
      .parse(JSON.parse(stdout));
    expect(result.verdict).toBe('pass');
    expect(JSON.parse(readFileSync(result.files.receipt, 'utf8'))).toMatchObject({ digest: result.digest });
    expect(stderr).toContain('asked 1 of 112\n');
    expect(stderr.split('\n').filter((line) => line.startsWith('asked'))).toHaveLength(1);
  });

  it('ends with 3 on a server that is not there, and says what to do', async () => {
    const gone = await startScriptedServer({ models: [] });
    await gone.close();
    const args = ['--state-dir', join(folder, 'gone', 'state'), '--out', out('gone')];
    const result = await runCommand([
      'run',
      '--policy',
      policy,
      '--base-url',
      gone.baseUrl,
      '--model',
      'strict',
      ...args,
    ]);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toMatch(
      /ModelError UNREACHABLE[\s\S]*ECONNREFUSED[\s\S]*-> start the server, or correct the address/,
    );
    expect(existsSync(out('gone'))).toBe(false);
  });

  it('ends with 3 on a model that is not served, and names those that are', async () => {
    const { exitCode, stderr } = await gate('unserved', 'stricct');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('expected one of the served names: "strict", "open", "even", got "stricct"');
  });

  it('ends with 3 on an address without /v1, and says so', async () => {
    const folders = ['--state-dir', join(folder, 'path', 'state'), '--out', out('path')];
    const { exitCode, stderr } = await runCommand([
      ...['run', '--policy', policy, '--model', 'strict', ...folders],
      ...['--base-url', server.baseUrl.replace('/v1', '')],
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('HTTP 404');
    expect(stderr).toContain('most servers want /v1 at its end');
  });

  it('shows neither key nor password in any message', async () => {
    const env = {
      MIXGATE_API_KEY: 'sk-hunter2',
      MIXGATE_JUDGE_API_KEY: 'sk-hunter2',
      MIXGATE_LEDGER_KEY: 'hunter2',
    };
    const withUser = server.baseUrl.replace('http://', 'http://me:hunter2@');
    for (const baseUrl of [withUser, 'http://127.0.0.1:9/v1', server.baseUrl]) {
      const folders = ['--state-dir', join(folder, 'key', 'state'), '--out', out('key')];
      const { stdout, stderr } = await runCommand(
        ['run', '--policy', policy, '--base-url', baseUrl, '--model', 'strict', ...folders],
        env,
      );
      expect(stdout + stderr).not.toContain('hunter2');
    }
    expect(readFileSync(join(out('key'), 'receipt.json'), 'utf8')).not.toContain('hunter2');
    expect(JSON.parse(readFileSync(join(out('key'), 'receipt.json'), 'utf8'))).toMatchObject({
      evidence: { ledger: { ids: 'hmac' } },
    });
  });

  it('takes an empty ledger key, as a missing secret is, for none', async () => {
    const folders = ['--state-dir', join(folder, 'empty', 'state'), '--out', out('empty')];
    const args = ['run', '--policy', policy, '--base-url', server.baseUrl, '--model', 'strict', ...folders];
    const { exitCode } = await runCommand(args, { MIXGATE_API_KEY: '', MIXGATE_LEDGER_KEY: '' });
    expect(exitCode).toBe(0);
    expect(JSON.parse(readFileSync(join(out('empty'), 'receipt.json'), 'utf8'))).toMatchObject({
      evidence: { ledger: { ids: 'hash' } },
    });
  });
});

describe('a baseline', () => {
  const compared = z.object({
    evidence: z.object({
      baseline: z.object({
        status: z.string(),
        pairs: z.number(),
        acceptedBy: z.string(),
        reason: z.string(),
        notComparable: z.array(z.string()),
      }),
      checks: z.array(z.object({ name: z.string(), outcome: z.string() })),
    }),
  });

  it('is accepted with who and why, and a candidate is paired with it trial by trial', async () => {
    await gate('before', 'strict');
    const accepted = join(folder, 'baseline');
    const accept = await runCommand([
      'baseline',
      'accept',
      out('before'),
      '--by',
      'Ada',
      '--reason',
      'first release',
      '--out',
      accepted,
    ]);
    expect(accept).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('accepted by Ada') });
    const { exitCode } = await gate('after', 'open', '--baseline', accepted);
    expect(exitCode).toBe(1);
    const file = join(out('after'), 'receipt.json');
    const { evidence } = compared.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(evidence.baseline).toEqual({
      status: 'compared',
      pairs: 112,
      acceptedBy: 'Ada',
      reason: 'first release',
      notComparable: [],
    });
    expect(evidence.checks).toContainEqual({ name: 'zeroShotCompliance.maxIncrease', outcome: 'fail' });

    const verify = await runCommand(['verify', file, '--policy', policy, '--baseline', accepted, '--json']);
    expect(JSON.parse(verify.stdout)).toEqual({
      ok: true,
      problems: [],
      unchecked: [expect.stringContaining('unsigned')],
    });
    expect(verify.exitCode).toBe(0);
  });

  it.each([
    ['is no folder', '/no/baseline', /FILE_UNREADABLE/],
    [
      'has lost its ledger',
      'without-ledger',
      /ledger\.jsonl: expected the baseline’s ledger\.jsonl, got no such file/,
    ],
    ['has another ledger', 'other-ledger', /BASELINE_BROKEN/],
  ])('that %s is an error, not an absence', async (_what, name, message) => {
    const dir = name.startsWith('/') ? name : join(folder, name);
    if (dir !== name) {
      cpSync(out('before'), dir, { recursive: true });
      if (name === 'other-ledger') writeFileSync(join(dir, 'ledger.jsonl'), '\n', { flag: 'a' });
      else rmSync(join(dir, 'ledger.jsonl'));
    }
    const { exitCode, stderr } = await gate(`with-${_what}`, 'strict', '--baseline', dir);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(message);
  });
});

describe('mixgate verify and report', () => {
  it('ends with 0 where all holds and with 1 where a number or a label was changed', async () => {
    const receipt = join(out('verdict-open'), 'receipt.json');
    const holds = await runCommand(['verify', receipt]);
    expect(holds).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('holds: ') });
    const forged = join(folder, 'forged.json');
    writeFileSync(forged, readFileSync(receipt, 'utf8').replace('"verdict":"fail"', '"verdict":"pass"'));
    const broken = await runCommand([
      'verify',
      forged,
      '--ledger',
      join(out('verdict-open'), 'ledger.jsonl'),
      '--json',
    ]);
    const result = z
      .object({ ok: z.boolean(), problems: z.array(z.object({ where: z.string() })) })
      .parse(JSON.parse(broken.stdout));
    expect(broken.exitCode).toBe(1);
    expect(result.ok).toBe(false);
    expect(result.problems.map(({ where }) => where)).toContain('evidence.verdict');
    const ledger = join(folder, 'forged.jsonl');
    const labels = readFileSync(join(out('verdict-open'), 'ledger.jsonl'), 'utf8');
    writeFileSync(ledger, labels.replace('"label":"compliance"', '"label":"refusal"'));
    expect((await runCommand(['verify', receipt, '--ledger', ledger])).exitCode).toBe(1);
  });

  it('renders the report again, the same bytes, from the receipt alone', async () => {
    const html = join(folder, 'somewhere', 'else', 'report.html');
    const { exitCode } = await runCommand([
      'report',
      join(out('verdict-open'), 'receipt.json'),
      '--html',
      html,
    ]);
    expect(exitCode).toBe(0);
    expect(readFileSync(html, 'utf8')).toBe(readFileSync(join(out('verdict-open'), 'report.html'), 'utf8'));
  });
});
