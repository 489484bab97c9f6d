import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/receipt/digest.ts';
import type { Evidence } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { readBaseline } from '../../src/run/gate-inputs.ts';
import type { GateResult } from '../../src/run/gate-request.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { runCommand } from '../cli/command.ts';
import {
  type GateChange,
  gateRequest,
  makeFolder,
  runSmall,
  wildguard,
  writeSmallPolicy,
} from './small-gate.ts';

let server: ScriptedServer;
let other: ScriptedServer;
beforeEach(async () => {
  const judge = { id: 'wildguard' };
  server = await startScriptedServer({ models: [{ id: 'even', rule: () => 0.4 }], judge, latencyMs: 4 });
  other = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.05 }], latencyMs: 4 });
});
afterEach(async () => {
  await server.close();
  await other.close();
});

const now = () => new Date('2026-06-18T10:00:00Z');
const policy = { ...wildguard, baseline: undefined };
const change = (): GateChange & { readonly baselineUrl: string; readonly baselineModel: string } => ({
  baseUrl: server.baseUrl,
  model: 'even',
  judgeBaseUrl: server.baseUrl,
  judgeModel: 'wildguard',
  policyPath: writeSmallPolicy(policy),
  baselineUrl: other.baseUrl,
  baselineModel: 'strict',
  now,
});
const baselineDirOf = ({ files }: GateResult) => join(files.receipt, '..', 'baseline');
const named = (name: string) => ({ name, text: readFileSync(name, 'utf8') });
const chats = (of: ScriptedServer) => of.requests.filter(({ path }) => path === '/v1/chat/completions');

/** Evidence without what tells how the baseline came about. */
function withoutOrigin({ baseline, limits: _limits, ...rest }: Evidence): unknown {
  if (baseline.status !== 'compared') return { baseline, ...rest };
  const { sameRun: _same, receiptDigest: _digest, ...record } = baseline;
  return { ...rest, baseline: record };
}

describe('a run that measures its baseline anew', () => {
  it('compares as with a stored one, says so, and leaves what an auditor needs', async () => {
    const request = change();
    const beside = await runSmall(request);
    const { evidence } = beside.receipt;
    expect(evidence.baseline).toMatchObject({
      status: 'compared',
      sameRun: true,
      ageDays: 0,
      notComparable: [],
      pairs: 112,
      candidate: { model: 'strict' },
    });
    expect(evidence.limits.join(' ')).toContain('was measured in this run');

    const { baselineUrl, baselineModel, ...alone } = request;
    const stored = await runSmall({ ...alone, baseUrl: baselineUrl, model: baselineModel });
    const compared = await runSmall({ ...alone, baselineDir: join(stored.files.receipt, '..') });
    expect(canonicalJson(withoutOrigin(evidence))).toBe(
      canonicalJson(withoutOrigin(compared.receipt.evidence)),
    );
    const audit = {
      receipt: named(beside.files.receipt),
      ledger: named(beside.files.ledger),
      policy: named(request.policyPath ?? ''),
      baseline: readBaseline(baselineDirOf(beside)),
    };
    expect(verifyReceipt(audit)).toMatchObject({ ok: true, problems: [], unchecked: [] });
    expect(verifyReceipt({ ...audit, baseline: readBaseline(join(stored.files.receipt, '..')) }).ok).toBe(
      false,
    );
  });

  it('asks both at the same time, and counts what both took', async () => {
    const { receipt } = await runSmall(change());
    const [first, last] = [chats(other).at(0)?.at ?? 0, chats(other).at(-1)?.at ?? 0];
    const meanwhile = chats(server).filter(({ at }) => at >= first && at <= last);
    expect(meanwhile.length).toBeGreaterThan(56);
    expect(receipt.run).toMatchObject({ requests: 224, judgeRequests: 2 * (112 + 3 * 64) });
    expect(receipt.run).not.toHaveProperty('shards');
  });

  it('goes on where it was interrupted, with both', async () => {
    const request = gateRequest(change());
    const first = await runSmall({ ...request, now });
    const before = chats(server).length + chats(other).length;
    const again = await runSmall({ ...request, now });
    expect(chats(server).length + chats(other).length).toBe(before);
    expect(again.receipt.evidence.verdict).toBe(first.receipt.evidence.verdict);
    expect(canonicalJson(withoutOrigin(again.receipt.evidence))).toBe(
      canonicalJson(withoutOrigin(first.receipt.evidence)),
    );
  });

  it('has one budget for both: half of it each, refused before anything is asked', async () => {
    const enough = writeSmallPolicy({ ...policy, budget: { requests: 224 } });
    const { receipt } = await runSmall({ ...change(), policyPath: enough });
    expect(receipt.evidence.budget.caps).toEqual({ requests: 224 });
    expect(receipt.evidence.baseline).toMatchObject({ pairs: 112 });
    const before = chats(server).length + chats(other).length;
    const short = writeSmallPolicy({ ...policy, budget: { requests: 223 } });
    await expect(runSmall({ ...change(), policyPath: short })).rejects.toThrow(
      expect.objectContaining({ code: 'BUDGET_TOO_SMALL' }),
    );
    expect(chats(server).length + chats(other).length).toBe(before);
  });

  it('stops as a whole when one of the two cannot go on, and names the server that failed', async () => {
    await expect(runSmall({ ...change(), baselineUrl: 'http://127.0.0.1:9/v1' })).rejects.toThrow(
      expect.objectContaining({ code: 'UNREACHABLE', message: expect.stringContaining('--baseline-url') }),
    );
    other.setFault(({ path, nth }) =>
      path === '/v1/chat/completions' && nth > 20 ? { kind: 'internalError' } : null,
    );
    await expect(runSmall(change())).rejects.toThrow(
      expect.objectContaining({ code: 'OUTAGE', message: expect.stringContaining('--baseline-url') }),
    );
    expect(chats(server).length).toBeLessThan(112);
  });

  it('never writes over an accepted baseline', async () => {
    const outDir = join(makeFolder(), 'out');
    mkdirSync(join(outDir, 'baseline'), { recursive: true });
    writeFileSync(join(outDir, 'baseline', 'accepted.json'), '{}');
    await expect(runSmall({ ...change(), outDir })).rejects.toThrow(
      expect.objectContaining({ code: 'OUT_IS_BASELINE' }),
    );
  });

  it.each<[string, Partial<GateChange>]>([
    ['BASELINE_MODEL', { baselineModel: undefined }],
    ['BASELINE_IS_CANDIDATE', { baselineModel: 'even' }],
  ])('is refused with %s', async (code, wrong) => {
    const baselineUrl = code === 'BASELINE_IS_CANDIDATE' ? server.baseUrl : other.baseUrl;
    await expect(runSmall({ ...change(), baselineUrl, ...wrong })).rejects.toThrow(
      expect.objectContaining({ code }),
    );
  });
});

/** A run of the baseline's model from this day, with whatever is changed of the policy. */
async function storedBaseline(day = '2026-06-17', of: object = {}): Promise<string> {
  const { baselineUrl, baselineModel, ...alone } = change();
  const policyPath = writeSmallPolicy({ ...policy, ...of });
  const at = () => new Date(`${day}T10:00:00Z`);
  const run = { ...alone, policyPath, baseUrl: baselineUrl, model: baselineModel, now: at };
  return join((await runSmall(run)).files.receipt, '..');
}

describe('a run with a stored baseline and a server for it', () => {
  it('compares with the stored one where it can, and asks its server nothing', async () => {
    const baselineDir = await storedBaseline();
    const before = other.requests.length;
    const { receipt } = await runSmall({ ...change(), baselineDir });
    expect(receipt.evidence.baseline).toMatchObject({ status: 'compared', pairs: 112, ageDays: 1 });
    expect(receipt.evidence.baseline).not.toHaveProperty('sameRun');
    expect(other.requests.length).toBe(before);
  });

  it.each<[string, () => Promise<string>]>([
    ['is too old', () => storedBaseline('2026-01-01')],
    ['was judged by another judge', () => storedBaseline('2026-06-17', { judge: { kind: 'phrases' } })],
    [
      'answered another suite',
      () => storedBaseline('2026-06-17', { sampling: { temperature: 1, maxTokens: 23, seed: 7 } }),
    ],
  ])('measures it anew where the stored one %s', async (_why, stored) => {
    const baselineDir = await stored();
    const before = chats(other).length;
    const { receipt } = await runSmall({ ...change(), baselineDir });
    expect(receipt.evidence.baseline).toMatchObject({
      status: 'compared',
      pairs: 112,
      ageDays: 0,
      sameRun: true,
    });
    expect(chats(other).length - before).toBeGreaterThanOrEqual(112);
  });
});

describe('mixgate run --baseline-url', () => {
  it('compares at the command line', async () => {
    const folder = makeFolder();
    const result = await runCommand([
      ...['run', '--policy', writeSmallPolicy(policy), '--base-url', server.baseUrl, '--model', 'even'],
      ...['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard', '--json'],
      ...['--baseline-url', other.baseUrl, '--baseline-model', 'strict'],
      ...['--state-dir', join(folder, 'state'), '--out', join(folder, 'out')],
    ]);
    expect(result.stdout).toContain('"verdict"');
    const receipt = readFileSync(join(folder, 'out', 'receipt.json'), 'utf8');
    expect(JSON.parse(receipt)).toMatchObject({
      evidence: { baseline: { status: 'compared', sameRun: true } },
    });
    expect(readBaseline(join(folder, 'out', 'baseline')).receipt.evidence.candidate.model).toBe('strict');
  }, 30_000);
});
