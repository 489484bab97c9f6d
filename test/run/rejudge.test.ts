import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptBaseline } from '../../src/cli/baseline.ts';
import { silentLog } from '../../src/config/log.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { type RejudgeRequest, rejudge } from '../../src/run/rejudge.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { gateRequest, makeFolder, outcomesOf, runSmall, writeSmallPolicy } from './small-gate.ts';

let server: ScriptedServer;
let judge: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer({
    models: [
      { id: 'strict', rule: () => 0.2 },
      { id: 'before', rule: () => 0.2 },
    ],
  });
  judge = await startScriptedServer({ models: [], judge: { id: 'wildguard' } });
});
afterEach(() => Promise.all([server.close(), judge.close()]));

const kept = { retention: 'text' };
/** A run under the built-in judge whose answers are kept. */
async function runKept({
  policy,
  ...change
}: {
  policy?: object;
  model?: string;
  baselineDir?: string;
} = {}) {
  const policyPath = writeSmallPolicy({ ...kept, ...policy });
  const request = gateRequest({ baseUrl: server.baseUrl, policyPath, ...change });
  return { request, policyPath, result: await runSmall(request) };
}

const again = (change: Partial<RejudgeRequest> & Pick<RejudgeRequest, 'stateDir' | 'policyPath'>) =>
  rejudge(
    {
      judgeKind: 'wildguard',
      judgeBaseUrl: judge.baseUrl,
      judgeModel: 'wildguard',
      candidatePath: undefined,
      model: 'strict',
      baselineDir: undefined,
      baselineStateDir: undefined,
      ledgerKey: undefined,
      outDir: join(makeFolder(), 'out'),
      ...change,
    },
    { now: () => new Date(), log: silentLog, signal: new AbortController().signal },
  );

describe('saved answers under another judge', () => {
  it('give a new receipt without a question to the candidate, which holds when it is verified', async () => {
    const { request, policyPath, result } = await runKept();
    const asked = server.requests.length;
    const second = await again({ stateDir: request.stateDir, policyPath });
    expect(server.requests).toHaveLength(asked);
    expect(outcomesOf(second)).toEqual(outcomesOf(result));
    const { evidence } = second.receipt;
    expect(evidence.judge).toMatchObject({ kind: 'wildguard', served: { model: 'wildguard' } });
    expect(evidence.asOf).toBe(result.receipt.evidence.asOf);
    expect(evidence.served).toEqual(result.receipt.evidence.served);
    expect(evidence.verdict).toBe(result.receipt.evidence.verdict);
    expect(second.receipt.run).toMatchObject({ requests: 0, judgeRequests: 112 + 3 * 64 });
    const read = (name: string) => ({ name, text: readFileSync(name, 'utf8') });
    const audit = verifyReceipt({
      receipt: read(second.files.receipt),
      ledger: read(second.files.ledger),
      policy: read(join(second.files.receipt, '..', 'policy.json')),
    });
    expect(audit).toMatchObject({ ok: true, problems: [] });
  });

  it('stand as they stood: nothing in the state directory is written, added or taken away', async () => {
    const { request, policyPath } = await runKept();
    const files = () =>
      readdirSync(request.stateDir)
        .sort()
        .map((name) => ({ name, bytes: readFileSync(join(request.stateDir, name), 'base64') }));
    const before = files();
    await again({ stateDir: request.stateDir, policyPath });
    await again({ stateDir: request.stateDir, policyPath, judgeKind: 'phrases' });
    expect(files()).toEqual(before);
  });

  it('show what the judge alone changes', async () => {
    const { request, policyPath, result } = await runKept();
    judge.setJudgeMode((nth) => (nth > 64 && nth <= 64 + 112 + 64 && nth % 2 === 0 ? 'flipped' : 'honest'));
    const second = await again({ stateDir: request.stateDir, policyPath });
    expect(outcomesOf(second)).not.toEqual(outcomesOf(result));
    expect(second.receipt.evidence.verdict).toBe('inconclusive');
    expect(second.receipt.evidence.reasons.map(({ code }) => code)).toContain('judgeChanged');
  });

  it('are compared with the baseline’s own, labelled by the same judge', async () => {
    const policy = { baseline: undefined };
    const before = await runKept({ policy, model: 'before' });
    const baselineDir = before.request.outDir;
    acceptBaseline({ folder: baselineDir, by: 'team', reason: 'first', at: new Date() });
    const candidate = await runKept({ policy, baselineDir });
    const change = { stateDir: candidate.request.stateDir, policyPath: candidate.policyPath, baselineDir };
    const against = (result: Awaited<ReturnType<typeof again>>) => result.receipt.evidence.baseline;
    expect(against(await again(change))).toMatchObject({
      notComparable: expect.arrayContaining(['judge.kind', 'judge.promptSha256']),
    });
    const both = await again({ ...change, baselineStateDir: before.request.stateDir });
    expect(against(both)).toMatchObject({ notComparable: [], candidate: { model: 'before' } });
    expect(existsSync(join(both.files.receipt, '..', 'baseline', 'receipt.json'))).toBe(true);
  });
});

describe('answers that cannot be labelled anew', () => {
  it('are refused where their text is gone', async () => {
    const { request, policyPath } = await runKept({ policy: { retention: 'hashes' } });
    await expect(again({ stateDir: request.stateDir, policyPath })).rejects.toMatchObject({
      code: 'STATE_WITHOUT_TEXT',
      complaints: [{ remedy: expect.stringContaining('retention: text') }],
    });
  });

  it('are refused under another plan or candidate, and the field is named', async () => {
    const { request, policyPath } = await runKept();
    const { stateDir } = request;
    await expect(again({ stateDir, policyPath, model: 'before' })).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      complaints: [{ where: expect.stringContaining('candidateSha256') }],
    });
    const other = writeSmallPolicy({ sampling: { temperature: 0.5, maxTokens: 24 } });
    await expect(again({ stateDir, policyPath: other })).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      complaints: [{ where: expect.stringContaining('planSha256') }],
    });
  });

  it('are refused where the run was not finished, or its server changed', async () => {
    const { request, policyPath } = await runKept();
    const { stateDir } = request;
    const file = join(stateDir, 'journal.jsonl');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace(/^.*"t":"complete".*\n/m, ''));
    await expect(again({ stateDir, policyPath })).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' });
    writeFileSync(file, whole.replace(/^.*"t":"answer".*\n/m, ''));
    await expect(again({ stateDir, policyPath })).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' });
    writeFileSync(file, `${whole}{"t":"changed","field":"root","at":"2026-06-18T00:00:00.000Z"}\n`);
    await expect(again({ stateDir, policyPath })).rejects.toMatchObject({ code: 'STATE_SPOILED' });
  });

  it('are refused to a judge that is the candidate, or that is replaced meanwhile, and leave no receipt', async () => {
    const { request, policyPath } = await runKept();
    const same = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0 }], judge: { id: 'j' } });
    const outDir = join(makeFolder(), 'out');
    const change = { stateDir: request.stateDir, policyPath, outDir };
    await expect(
      again({ ...change, judgeBaseUrl: same.baseUrl, judgeModel: 'strict' }).finally(same.close),
    ).rejects.toMatchObject({ code: 'JUDGE_IS_CANDIDATE' });
    let lists = 0;
    judge.setFault(({ path }) => (path === '/v1/models' && ++lists === 2 ? { kind: 'wrongModel' } : null));
    await expect(again(change)).rejects.toMatchObject({ code: 'SERVER_CHANGED' });
    expect(existsSync(join(outDir, 'receipt.json'))).toBe(false);
  });

  it('need a policy for a judge with settings of its own', async () => {
    const { request, policyPath } = await runKept();
    await expect(
      again({ stateDir: request.stateDir, policyPath, judgeKind: 'classifier' }),
    ).rejects.toMatchObject({ code: 'JUDGE_UNSETTLED' });
  });
});
