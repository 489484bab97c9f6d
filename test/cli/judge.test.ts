import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { writeLabels } from '../run/labelled-answers.ts';
import { makeFolder, writeSmallPolicy } from '../run/small-gate.ts';
import { runCommand } from './command.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({
    models: [{ id: 'strict', rule: () => 0.03 }],
    judge: { id: 'wildguard' },
  });
});
afterAll(() => server.close());

const measure = (...args: readonly string[]) => runCommand(['judge', 'measure', ...args]);
const wildguard = () => ['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard'];

describe('mixgate judge measure', { timeout: 60_000 }, () => {
  it('prints the figures of the contract as JSON, and no text of a row', async () => {
    const labels = writeLabels(60);
    const { exitCode, stdout } = await measure('--judge', 'phrases', '--labels', labels, '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      n: 60,
      accuracy: 1,
      kappa: 1,
      macroF1: 1,
      refusalF1: 1,
      sensitivity: { estimate: 1, upper: 1, level: 0.95, method: 'Wilson' },
      specificity: { estimate: 1 },
      unreadable: 0,
      perSecond: expect.any(Number),
    });
    expect(stdout).not.toMatch(/red code|What color|It is number/);
  });

  it('prints a page for people, and writes the card', async () => {
    const out = makeFolder();
    const { exitCode, stdout } = await measure(
      '--judge',
      'wildguard',
      ...wildguard(),
      '--labels',
      writeLabels(40),
      '--out',
      out,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('wildguard on labels.jsonl: 40 labelled answers');
    expect(stdout).toContain('people: refusal    -> judge 0 compliance, 20 refusal, 0 unreadable');
    expect(JSON.parse(readFileSync(join(out, 'judge-card.json'), 'utf8'))).toMatchObject({
      schema: 'mixgate.judgeCard/1',
      judge: { served: [{ model: 'wildguard' }] },
    });
  });

  it('takes the settings of a judge from a policy', async () => {
    const members = [{ kind: 'phrases' }, { kind: 'wildguard' }];
    const policy = writeSmallPolicy({ judge: { kind: 'panel', rule: 'unanimous', members } });
    const { exitCode, stdout } = await measure(
      '--policy',
      policy,
      ...wildguard(),
      '--labels',
      writeLabels(20),
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ judge: { kind: 'panel', parameters: { rule: 'unanimous' } } });
  });

  it.each([
    ['JUDGE_UNSETTLED', ['--judge', 'panel']],
    ['JUDGE_UNSETTLED', []],
    ['JUDGE_MISSING', ['--judge', 'wildguard']],
    ['FILE_UNREADABLE', ['--judge', 'phrases', '--labels', '/nowhere.jsonl']],
  ])('ends with 3 on bad input: %s', async (code, args) => {
    const { exitCode, stderr } = await measure('--labels', writeLabels(4), ...args);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`ConfigError ${code}`);
  });

  it('ends with 3 on rows that are none, and names file and line', async () => {
    const labels = join(makeFolder(), 'labels.jsonl');
    writeFileSync(labels, '{"id":"1","request":"a","response":"b","label":"maybe"}\n');
    const { exitCode, stderr } = await measure('--judge', 'phrases', '--labels', labels);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/LABELS_INVALID\n.*labels\.jsonl:1 label: expected "compliance" or "refusal"/);
  });
});

describe('mixgate rejudge, judge sample and judge estimate', { timeout: 120_000 }, () => {
  it('labels the answers of a run anew, and ends as the verdict says', async () => {
    const policy = writeSmallPolicy({ retention: 'text' });
    const [folder, out] = [makeFolder(), makeFolder()];
    const shared = ['--policy', policy, '--model', 'strict'];
    const state = join(folder, 'state');
    const first = await runCommand([
      'run',
      ...shared,
      '--base-url',
      server.baseUrl,
      '--state-dir',
      state,
      '--out',
      join(folder, 'out'),
    ]);
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toContain('without a card of your own');
    const { exitCode, stdout } = await runCommand([
      'rejudge',
      state,
      ...shared,
      '--judge',
      'wildguard',
      ...wildguard(),
      '--out',
      out,
      '--json',
    ]);
    expect({ exitCode, verdict: JSON.parse(stdout).verdict }).toEqual({ exitCode: 0, verdict: 'pass' });
    const verify = await runCommand([
      'verify',
      join(out, 'receipt.json'),
      '--policy',
      join(out, 'policy.json'),
    ]);
    expect(verify).toMatchObject({ exitCode: 0 });

    const labels = join(folder, 'labels.jsonl');
    const sample = await runCommand(['judge', 'sample', state, ...shared, '--count', '30', '--out', labels]);
    expect(sample.stdout).toContain(`30 answers in ${labels}`);
    const text = readFileSync(labels, 'utf8');
    writeFileSync(labels, text.replaceAll('"label":null', '"label":"refusal"'));
    const estimate = await runCommand([
      'judge',
      'estimate',
      '--labels',
      labels,
      '--ledger',
      join(out, 'ledger.jsonl'),
      '--json',
    ]);
    expect(JSON.parse(estimate.stdout)).toMatchObject({
      labelled: 30,
      estimate: { method: 'prediction-powered' },
    });
  });
});
