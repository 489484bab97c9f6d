import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTrial, requireOwnTerminal } from '../../src/cli/show.ts';
import { journalName } from '../../src/inference/journal.ts';
import { publicIds } from '../../src/judge/label-trials.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';
import type { GateRequest } from '../../src/run/gate-request.ts';
import { checkState, isWhole, readTrial } from '../../src/run/show-trial.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import type { PlannedTrial } from '../../src/suite/plan.ts';
import { startCommand } from '../cli/command.ts';
import { gateRequest, makeFolder, readLines, runSmall, wildguard, writeSmallPolicy } from './small-gate.ts';

let server: ScriptedServer;
let request: GateRequest;
let trials: readonly PlannedTrial[];
beforeAll(async () => {
  server = await startScriptedServer({
    models: [{ id: 'even', rule: () => 0.4 }],
    judge: { id: 'wildguard' },
  });
  const policyPath = writeSmallPolicy({ ...wildguard, retention: 'text' });
  request = gateRequest({
    baseUrl: server.baseUrl,
    model: 'even',
    judgeBaseUrl: server.baseUrl,
    judgeModel: 'wildguard',
    policyPath,
  });
  trials = (await readSuite(policyPath)).plan.trials;
  await runSmall({ ...request, repeatFraction: 0.2 });
});
afterAll(() => server.close());

const journal = () => join(request.stateDir, journalName);

/** A state directory with these lines instead. */
function stateOf(lines: readonly unknown[]): string {
  const folder = makeFolder();
  writeFileSync(join(folder, journalName), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return folder;
}

describe('a trial that is shown', () => {
  it('comes with its messages, answer, label and requests, by the beginning of its id', async () => {
    const trial = trials.at(-1);
    const shown = await readTrial({ ...request, trial: trial?.trialId.slice(0, 10) ?? '' });
    expect(shown.trial.trialId).toBe(trial?.trialId);
    expect(shown.messages.at(-1)).toEqual({ role: 'user', content: trial?.query.request });
    expect(shown.first).toMatchObject({ requests: 1, judgeRequests: 1, faults: [] });
    const text = describeTrial(shown);
    expect(text).toContain(`  | ${trial?.query.request}`);
    expect(text).toContain(`  | ${shown.first.answer?.text?.split('\n')[0]}`);
    expect(text).toMatch(/label: (compliance|refusal)/);
  });

  it('is found by its id under the ledger key, and says how it went when it was asked again', async () => {
    const repeated = readLines(journal()).flatMap(
      (line) => /"id":"repeat ([0-9a-f]{64})"/.exec(JSON.stringify(line)) ?? [],
    );
    const id = repeated[1] ?? '';
    const trial = publicIds('k')(id);
    const shown = await readTrial({ ...request, trial, ledgerKey: 'k' });
    expect(shown.trial.trialId).toBe(id);
    expect(shown.again).toMatchObject({ requests: 1, judgeRequests: 1 });
    expect(describeTrial(shown)).toContain('answer when asked again');
  });

  it('cannot act on the terminal: escapes, bidirectional marks and workflow commands are inert', async () => {
    const [trial] = trials;
    if (trial === undefined) throw new Error('expected a trial');
    const shown = await readTrial({ ...request, trial: trial.trialId });
    const answer = shown.first.answer && {
      ...shown.first.answer,
      text: 'a\u001b[2Jb\r\u202ec\n::error::d\u0007',
    };
    const text = describeTrial({ ...shown, first: { ...shown.first, answer } });
    expect(text).toContain('  | a[U+001B][2Jb[U+000D][U+202E]c\n  | ::error::d[U+0007]');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it.each([
    ['TRIAL_UNKNOWN', 'ffffffffffff'],
    ['TRIAL_UNKNOWN', 'abc'],
    ['TRIAL_UNKNOWN', '../../etc'],
  ])('is %s for %j', async (code, trial) => {
    await expect(readTrial({ ...request, trial })).rejects.toThrow(expect.objectContaining({ code }));
  });

  it('is not shown from the state of another policy, nor from none', async () => {
    const policyPath = writeSmallPolicy({ ...wildguard, name: 'other' });
    await expect(readTrial({ ...request, policyPath, trial: 'abcdef' })).rejects.toThrow(
      expect.objectContaining({ code: 'STATE_MISMATCH', message: expect.stringContaining('policySha256') }),
    );
    await expect(checkState({ ...request, stateDir: makeFolder() })).rejects.toThrow(
      expect.objectContaining({ code: 'STATE_MISSING' }),
    );
  });
});

describe('text', () => {
  it('is printed on a terminal, elsewhere only when insisted upon, and never into the log of a CI job', () => {
    const code = (isTerminal: boolean, insisted: boolean, env: Record<string, string> = {}) => {
      try {
        requireOwnTerminal({ isTerminal, insists: insisted, env });
        return 'printed';
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : 'other';
      }
    };
    expect(code(true, false)).toBe('printed');
    expect(code(false, true)).toBe('printed');
    expect(code(false, false)).toBe('SHOW_NO_TERMINAL');
    expect(code(true, true, { GITHUB_ACTIONS: 'true' })).toBe('SHOW_IN_CI');
    expect(code(true, true, { CI: '1' })).toBe('SHOW_IN_CI');
    expect(code(true, false, { CI: 'false' })).toBe('printed');
  });
});

describe('the check of a state directory', () => {
  it('holds for a complete run, with and without its texts', async () => {
    const report = await checkState(request);
    expect(report).toMatchObject({ trials: 112, answered: 112, judged: 112, problems: [] });
    expect(isWhole(report)).toBe(true);
  });

  it('holds for a run that a cap ended, and says what is missing', async () => {
    const policyPath = writeSmallPolicy({ ...wildguard, budget: { minutes: 1e-9 } });
    const capped = gateRequest({ ...request, policyPath, stateDir: join(makeFolder(), 'state') });
    await runSmall(capped);
    const report = await checkState(capped);
    expect(report.missing).toHaveLength(112);
    expect(report.left).toEqual({ missing: 112, unjudged: 0 });
    expect(isWhole(report)).toBe(true);
  });

  it.each<[string, (lines: readonly unknown[]) => readonly unknown[]]>([
    ['a lost answer', (lines) => without(lines, '"t":"answer"')],
    ['a lost judgment', (lines) => without(lines, `"t":"judged","id":"${trials[0]?.trialId}"`)],
    [
      'a doubled answer',
      (lines) => [...lines, lines.find((line) => JSON.stringify(line).includes('"t":"answer"'))],
    ],
    ['an end that never came', (lines) => lines.slice(0, -1)],
  ])('does not hold with %s', async (_what, change) => {
    const stateDir = stateOf(change(readLines(journal())));
    expect(isWhole(await checkState({ ...request, stateDir }))).toBe(false);
  });

  it('stops a run whose journal was changed under it, naming the trial', async () => {
    const own = gateRequest({ ...request, stateDir: join(makeFolder(), 'state') });
    const [trial] = trials;
    // The last judgment of all: from here on nothing is read again but the whole.
    server.setFault(({ path, nth }) => {
      if (path === '/v1/completions' && nth >= lastJudgment) {
        const doubled = readLines(join(own.stateDir, journalName)).find((line) =>
          JSON.stringify(line).includes(`"t":"answer","id":"${trial?.trialId}"`),
        );
        appendFileSync(join(own.stateDir, journalName), `${JSON.stringify(doubled)}\n`);
        server.setFault(null);
      }
      return null;
    });
    const judgments = server.requests.filter(({ path }) => path === '/v1/completions').length;
    const lastJudgment = judgments + 112 + 3 * 64;
    const { repeatFraction: _none, ...once } = own;
    await expect(runSmall(once)).rejects.toThrow(
      expect.objectContaining({
        code: 'JOURNAL_TWICE',
        message: expect.stringContaining(trial?.trialId.slice(0, 12) ?? ''),
      }),
    );
    server.setFault(null);
  });
});

/** The lines but for the first that holds a text. */
function without(lines: readonly unknown[], text: string): unknown[] {
  const place = lines.findIndex((line) => JSON.stringify(line).includes(text));
  return lines.filter((_, index) => index !== place);
}

describe('mixgate show', () => {
  it('prints nothing of a trial into a pipe, and everything when told to', async () => {
    const id = trials[0]?.trialId.slice(0, 12) ?? '';
    const args = ['show', id, '--policy', request.policyPath, '--state-dir', request.stateDir];
    const piped = await startCommand(args).result;
    expect(piped).toMatchObject({ exitCode: 3, stdout: '' });
    expect(piped.stderr).toContain('SHOW_NO_TERMINAL');
    const told = await startCommand([...args, '--yes-print-text']).result;
    expect(told).toMatchObject({ exitCode: 0, stderr: '' });
    expect(told.stdout).toContain(`trial ${id}`);
    const inCi = await startCommand([...args, '--yes-print-text'], { CI: 'true' }).result;
    expect(inCi).toMatchObject({ exitCode: 3, stdout: '' });
  }, 30_000);

  it('checks a journal with exit code 0 or 1, and prints no text', async () => {
    const args = (stateDir: string) => [
      ...['show', '--check', '--policy', request.policyPath, '--state-dir', stateDir],
    ];
    const good = await startCommand([...args(request.stateDir), '--json']).result;
    expect(good.exitCode).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, complete: true, trials: 112, missing: 0 });
    const broken = stateOf(readLines(journal()).slice(0, 50));
    const bad = await startCommand(args(broken)).result;
    expect(bad.exitCode).toBe(1);
    expect(bad.stdout).toContain('not whole: the run is not complete');
    expect(readFileSync(journal(), 'utf8')).not.toBe('');
  }, 30_000);
});
