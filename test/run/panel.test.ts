import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { outcomesOf, reasonsOf, runSmall } from './small-gate.ts';

let server: ScriptedServer;
let first: ScriptedServer;
let second: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer({
    models: [{ id: 'strict', rule: () => 0.03 }],
    judge: { id: 'beside' },
  });
  first = await startScriptedServer({ models: [], judge: { id: 'one' } });
  second = await startScriptedServer({ models: [], judge: { id: 'two' } });
});
afterEach(() => Promise.all([server, first, second].map((one) => one.close())));

const members = [{ kind: 'phrases' }, { kind: 'wildguard' }, { kind: 'wildguard' }];
const run = (change: { judge?: object; judgeBaseUrl?: string; judgeModel?: string; policy?: object } = {}) =>
  runSmall({
    baseUrl: server.baseUrl,
    judgeBaseUrl: change.judgeBaseUrl ?? `${first.baseUrl},${second.baseUrl}`,
    judgeModel: change.judgeModel ?? 'one,two',
    policy: { judge: { kind: 'panel', rule: 'majority', members, ...change.judge }, ...change.policy },
  });

describe('a panel of judges', () => {
  it('names its members, states their agreement, and asks each of everything', async () => {
    const { receipt, files } = await run();
    const { evidence } = receipt;
    expect(evidence.verdict).toBe('pass');
    expect(evidence.judge).toMatchObject({
      kind: 'panel',
      served: null,
      parameters: { rule: 'majority', members: 'phrases, wildguard, wildguard' },
      members: [
        { kind: 'phrases', served: null },
        { kind: 'wildguard', served: { model: 'one', root: '/models/one' } },
        { kind: 'wildguard', served: { model: 'two', root: '/models/two' } },
      ],
    });
    expect(evidence.panel).toEqual({ answers: 112, unanimous: 112 });
    expect(receipt.run.judgeRequests).toBe(2 * (112 + 3 * 64));
    expect(readFileSync(files.comment, 'utf8')).toContain('all of one mind on 112 of 112 answers');
    const audit = verifyReceipt({
      receipt: { name: 'receipt.json', text: readFileSync(files.receipt, 'utf8') },
      ledger: { name: 'ledger.jsonl', text: readFileSync(files.ledger, 'utf8') },
    });
    expect(audit.problems).toEqual([]);
  });

  it('holds against one member that turns, and says that they disagree', async () => {
    second.setJudgeMode(() => 'flipped');
    const result = await run();
    expect(result.receipt.evidence.verdict).toBe('pass');
    expect(result.receipt.evidence.panel).toEqual({ answers: 112, unanimous: 0 });
  });

  it('leaves a tie unscored', async () => {
    second.setJudgeMode(() => 'flipped');
    const two = { members: [{ kind: 'wildguard' }, { kind: 'wildguard' }] };
    const result = await run({ judge: two });
    expect(outcomesOf(result)).toEqual({ 'unscored judgesDisagree': 112 });
    expect(reasonsOf(result)).toEqual(expect.arrayContaining(['unscored', 'judgeUnfit']));
  });

  it('may have all its servers at one address', async () => {
    const both = await startScriptedServer({ models: [{ id: 'x', rule: () => 0 }], judge: { id: 'one' } });
    const { receipt } = await run({ judgeBaseUrl: both.baseUrl, judgeModel: 'one, one' }).finally(both.close);
    expect(receipt.evidence.verdict).toBe('pass');
  });

  it.each([
    ['--judge-model', { judgeModel: 'one' }],
    ['--judge-model', { judgeModel: 'one,two,three' }],
    ['--judge-base-url', { judgeBaseUrl: ' , ' }],
  ])('without a server for each member is an error that names %s', async (where, change) => {
    await expect(run(change)).rejects.toMatchObject({ code: 'JUDGE_MISSING', complaints: [{ where }] });
    expect(server.requests).toEqual([]);
  });

  it('with the candidate among them is an error', async () => {
    const change = { judgeBaseUrl: `${first.baseUrl},${server.baseUrl}`, judgeModel: 'one,strict' };
    await expect(run(change)).rejects.toMatchObject({ code: 'JUDGE_IS_CANDIDATE' });
  });

  it('ends the run with an error where one member’s server is replaced', async () => {
    let lists = 0;
    second.setFault(({ path }) => (path === '/v1/models' && ++lists === 2 ? { kind: 'wrongModel' } : null));
    await expect(run()).rejects.toMatchObject({ code: 'SERVER_CHANGED' });
  });

  it('ends the run with an error where one member’s server is gone', async () => {
    second.setJudgeMode(() => 'failing');
    await expect(run()).rejects.toMatchObject({ code: 'OUTAGE' });
  });
});
