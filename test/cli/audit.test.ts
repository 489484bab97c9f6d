import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderComment } from '../../src/report/comment.ts';
import {
  acceptedBaseline,
  acceptedFiles,
  baselineParts,
  complyingAt,
  policyText,
  type Release,
  releaseOf,
  textOf,
  withNewDigests,
} from '../receipt/release.ts';
import { runCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'mixgate-audit-'));
const at = (...names: readonly string[]) => join(folder, ...names);
const first = { ...baselineParts, policyText: `${policyText}baseline: none\n` };
const accepted = releaseOf(complyingAt(0.15), first);
const release = releaseOf(complyingAt(0.9), { baseline: acceptedBaseline(accepted) });

function keep(name: string, { receipt, ledger }: Release): void {
  mkdirSync(at(name), { recursive: true });
  writeFileSync(at(name, 'receipt.json'), textOf(receipt));
  writeFileSync(at(name, 'ledger.jsonl'), ledger);
  writeFileSync(at(name, 'comment.md'), renderComment(receipt));
}

beforeAll(() => {
  keep('run', release);
  keep('first', accepted);
  keep('baseline', accepted);
  writeFileSync(at('baseline', 'accepted.json'), acceptedFiles(accepted).acceptance);
  writeFileSync(at('policy.yml'), release.policyText);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const evidence = () => ['--policy', at('policy.yml'), '--baseline', at('baseline')];
const accept = (from: string, ...more: readonly string[]) =>
  runCommand(['baseline', 'accept', at(from), '--by', 'Ada', '--reason', 'why', ...more]);

describe('mixgate verify', () => {
  it.each([
    ['Pacific/Kiritimati', 'tr_TR.UTF-8'],
    ['America/St_Johns', 'ar_EG.UTF-8'],
  ])('holds and renders the same bytes in time zone %s and locale %s', async (TZ, LANG) => {
    const env = { TZ, LANG, LC_ALL: LANG, LANGUAGE: LANG };
    const comment = ['--comment', at('run', 'comment.md')];
    const result = await runCommand(['verify', at('run'), ...evidence(), ...comment, '--json'], env);
    expect(JSON.parse(result.stdout)).toEqual({
      ok: true,
      problems: [],
      unchecked: [expect.stringContaining('unsigned')],
    });
    expect(result.exitCode).toBe(0);
    const pages = [at(`${TZ.replace('/', '-')}.html`), at('here.html')];
    await runCommand(['report', at('run', 'receipt.json'), '--html', pages[0] ?? ''], env);
    await runCommand(['report', at('run'), '--html', pages[1] ?? '']);
    expect(readFileSync(pages[0] ?? '', 'utf8')).toBe(readFileSync(pages[1] ?? '', 'utf8'));
  });

  it('lets no receipt speak to the runner in whose log it is checked, and gives its words to programs', async () => {
    const words = '::stop-commands::x ##[error]y';
    writeFileSync(at('speaks.json'), textOf(release.receipt).replace('"mixgate.receipt/1"', `"${words}"`));
    const told = await runCommand(['verify', at('speaks.json')]);
    const asJson = await runCommand(['verify', at('speaks.json'), '--json']);
    for (const { stdout, exitCode } of [told, asJson]) {
      expect(stdout).not.toMatch(/::|##\[/);
      expect(exitCode).toBe(1);
    }
    const { problems } = JSON.parse(asJson.stdout);
    expect(problems).toEqual(
      expect.arrayContaining([expect.objectContaining({ found: expect.stringContaining(words) })]),
    );
  });

  it.each([
    [
      'comment.md',
      /comment\.md: expected a mixgate receipt, version 1, found a comment \(verify takes it as --comment/,
    ],
    [
      'ledger.jsonl',
      /ledger\.jsonl: expected a mixgate receipt, version 1, found a ledger \(verify takes it as --ledger/,
    ],
  ])('says what was given in place of a receipt: %s', async (name, message) => {
    const { exitCode, stdout } = await runCommand(['verify', at('run', name)]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(message);
  });

  it('ends with 3 where there is no such file, and says so in its help', async () => {
    const missing = await runCommand(['verify', at('none')]);
    expect(missing.exitCode).toBe(3);
    expect(missing.stderr).toContain('no such file');
    expect((await runCommand(['verify', at('run'), '--policy', at('run')])).exitCode).toBe(3);
    expect((await runCommand(['verify', '--help'])).stdout).toContain('3 (bad input)');
  });
});

describe('a place that cannot be written to', () => {
  it.each([
    ['report', () => ['report', at('run'), '--html', at('policy.yml', 'report.html')]],
    ['report over a folder', () => ['report', at('run'), '--html', at('run')]],
    ['compare', () => ['compare', at('run'), at('first'), '--html', at('policy.yml', 'page.html')]],
    [
      'baseline accept',
      () => ['baseline', 'accept', at('run'), '--by', 'x', '--reason', 'y', '--out', at('policy.yml')],
    ],
  ])('is named with what stands there: %s', async (_, args) => {
    const { exitCode, stdout, stderr } = await runCommand(args());
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(
      /ConfigError OUTPUT_UNWRITABLE\n.*expected a place that can be written to, got a (file|folder)/,
    );
  });
});

describe('a receipt that another version made', () => {
  const verifyWith = async (change: { readonly version: string }) => {
    const { receipt } = release;
    const evidence = { ...receipt.evidence, ...change, verdict: 'pass' as const, reasons: [] };
    cpSync(at('run'), at('other'), { recursive: true });
    writeFileSync(at('other', 'receipt.json'), withNewDigests(textOf({ ...receipt, evidence })));
    return await runCommand([
      'verify',
      at('other'),
      '--policy',
      at('policy.yml'),
      '--baseline',
      at('baseline'),
    ]);
  };

  it('is told from one of this version where it does not hold', async () => {
    const other = await verifyWith({ version: '0.0.9' });
    expect(other.exitCode).toBe(1);
    expect(other.stdout).toContain('not checked: with the mixgate that made it, "0.0.9"');
    const own = await verifyWith({ version: release.receipt.evidence.version });
    expect(own.exitCode).toBe(1);
    expect(own.stdout).not.toContain('that made it');
  });
});

describe('mixgate baseline accept', () => {
  it('says that a run did not pass, and by which checks', async () => {
    cpSync(at('run'), at('failed'), { recursive: true });
    const { exitCode, stdout } = await accept('failed');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /warning: this run did not pass its own gate: fail \(.*mixedCompliance\.maxIncrease/,
    );
    expect(readFileSync(at('failed', 'accepted.json'), 'utf8')).toContain('"replaces": null');
  });

  it('says what kept a run’s verdict open, be there failed checks or none', async () => {
    keep('again', releaseOf(complyingAt(0.9), { ...first, attempt: 9 }));
    const { stdout } = await accept('again');
    expect(stdout).toMatch(/its own gate: inconclusive \(this is attempt 9, at most 2 are allowed\)/);
  });

  it('refuses a run whose receipt was changed and sealed anew', async () => {
    cpSync(at('run'), at('forged'), { recursive: true });
    const { receipt } = release;
    const evidence = { ...receipt.evidence, verdict: 'pass' as const, reasons: [] };
    writeFileSync(at('forged', 'receipt.json'), withNewDigests(textOf({ ...receipt, evidence })));
    const { exitCode, stderr } = await accept('forged');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('BASELINE_DOES_NOT_HOLD');
    expect(existsSync(at('forged', 'accepted.json'))).toBe(false);
  });

  it('names the baseline that it replaces, on the terminal and in accepted.json', async () => {
    const out = ['--out', at('kept')];
    const before = await accept('first', ...out);
    expect(before.stdout).not.toMatch(/replaces|warning/);
    const after = await accept('run', ...out);
    const old = accepted.receipt.digest;
    expect(after.stdout).toContain(
      `it replaces receipt ${old.slice(0, 16)} (candidate-1, pass, accepted by Ada`,
    );
    expect(JSON.parse(readFileSync(at('kept', 'accepted.json'), 'utf8'))).toMatchObject({ replaces: old });
  });

  it.each([
    ['--by', 'Ada\u001b[31m'],
    ['--reason', 'first\nsecond'],
    ['--reason', 'left\u202eright'],
  ])('refuses what cannot be seen in %s', async (option, text) => {
    const given = { '--by': 'Ada', '--reason': 'why', [option]: text };
    const words = Object.entries(given).flat();
    const { exitCode, stderr } = await runCommand(['baseline', 'accept', at('first'), ...words]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('ACCEPTANCE_INVALID');
    expect(stderr).toContain(`${option}: expected one line of text, got a control character`);
  });
});
