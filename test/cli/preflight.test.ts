import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describePreflight } from '../../src/cli/preflight.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { wildguard, writeSmallPolicy } from '../run/small-gate.ts';
import { runCommand } from './command.ts';

let server: ScriptedServer;
let other: ScriptedServer;
const policy = writeSmallPolicy(wildguard);
beforeAll(async () => {
  const models = [{ id: 'strict', rule: () => 0.03 }];
  server = await startScriptedServer({ models, judge: { id: 'wildguard' } });
  other = await startScriptedServer({ models });
});
afterAll(async () => {
  await server.close();
  await other.close();
});
const preflight = (...more: readonly string[]) =>
  runCommand(['preflight', '--policy', policy, '--base-url', server.baseUrl, '--model', 'strict', ...more]);
const judge = () => ['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard'];

const report = z.object({
  ready: z.boolean(),
  findings: z.array(
    z.object({ check: z.string(), of: z.string(), outcome: z.string(), why: z.string().min(1) }),
  ),
});

describe('mixgate preflight', () => {
  it('says what it found of each server and ends with 0 where a run can start', async () => {
    const { exitCode, stdout, stderr } = await preflight(...judge());
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('ok    --base-url (whole): the longest prompt arrived whole');
    expect(stdout).toContain('ok    --judge-base-url (canaries): 4 of 4');
    expect(stdout.trimEnd().endsWith('ready: a run can start')).toBe(true);
  });

  it('takes --base-url again for a further replica, and prints JSON', async () => {
    const { exitCode, stdout } = await preflight('--base-url', other.baseUrl, ...judge(), '--json');
    const { ready, findings } = report.parse(JSON.parse(stdout));
    expect({ exitCode, ready }).toEqual({ exitCode: 0, ready: true });
    expect(new Set(findings.map(({ of }) => of))).toEqual(
      new Set(['--base-url (replica 1 of 2)', '--base-url (replica 2 of 2)', '--judge-base-url']),
    );
  });

  it('ends with 3 where a run cannot start, and says why it matters and what to do', async () => {
    const { exitCode, stdout } = await preflight();
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/FAIL {2}--judge-base-url \(served\): expected the server that serves the judge/);
    expect(stdout).toMatch(/why: .+\n +do: {2}give --judge-base-url/);
    expect(stdout.trimEnd().endsWith('not ready')).toBe(true);
  });

  it('refuses a policy that is none as bad input', async () => {
    const { exitCode, stdout, stderr } = await runCommand([
      'preflight',
      '--policy',
      'no-such-file.yml',
      '--base-url',
      server.baseUrl,
      '--model',
      'strict',
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('ConfigError');
  });

  it('prints nothing that a terminal would obey', () => {
    const what = 'serves \u001b[31mred\u0007';
    const text = describePreflight({
      ready: false,
      findings: [{ check: 'served', of: '--base-url', outcome: 'fail', what, remedy: 'look' }],
    });
    expect(text).not.toMatch(/[\u0007\u001b]/);
  });
});
