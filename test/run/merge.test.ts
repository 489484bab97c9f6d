import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../src/receipt/digest.ts';
import { parseShard, renderShard, type ShardHeader } from '../../src/receipt/shard-file.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import type { GateResult } from '../../src/run/gate-request.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { startCommand } from '../cli/command.ts';
import { merge, runOneShard, runShards } from './shards.ts';
import { type GateChange, makeFolder, runSmall, wildguard, writeSmallPolicy } from './small-gate.ts';

let server: ScriptedServer;
let change: GateChange & { readonly policyPath: string };
let whole: GateResult;
let dirs: string[];
beforeAll(async () => {
  server = await startScriptedServer({
    models: [{ id: 'even', rule: () => 0.4 }],
    judge: { id: 'wildguard' },
  });
  change = {
    baseUrl: server.baseUrl,
    model: 'even',
    judgeBaseUrl: server.baseUrl,
    judgeModel: 'wildguard',
    policyPath: writeSmallPolicy(wildguard),
    now: () => new Date('2026-06-18T10:00:00Z'),
  };
  whole = await runSmall(change);
  dirs = await runShards(change, 4);
}, 60_000);
afterAll(() => server.close());

const read = (file: string) => readFileSync(file, 'utf8');
const headerOf = (dir: string) =>
  parseShard({ dir, header: read(join(dir, 'shard.json')), labels: read(join(dir, 'labels.jsonl')) });

/** A copy of a shard whose header is another, under a digest that fits. */
function forged(dir: string, edit: (header: ShardHeader) => object): string {
  const copy = join(makeFolder(), 'shard');
  cpSync(dir, copy, { recursive: true });
  writeFileSync(join(copy, 'shard.json'), renderShard({ ...headerOf(dir), ...edit(headerOf(dir)) }));
  return copy;
}
const mergeWith = (first: string) => () =>
  merge({ policyPath: change.policyPath, shardDirs: [first, ...dirs.slice(1)] });
const refused = (code: string, where: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(where) });

describe('four shards, merged', () => {
  it('give the evidence, ledger and comment of one run, byte for byte', async () => {
    const merged = await merge({ policyPath: change.policyPath, shardDirs: dirs });
    expect(canonicalJson(merged.receipt.evidence)).toBe(canonicalJson(whole.receipt.evidence));
    expect(read(merged.files.ledger)).toBe(read(whole.files.ledger));
    expect(merged.receipt.evidence.judge.canaries).toMatchObject({ canaries: 64, judged: 64, agreed: 64 });
  });

  it('give a receipt that an auditor can recompute', async () => {
    const { files } = await merge({ policyPath: change.policyPath, shardDirs: dirs });
    const named = (name: string) => ({ name, text: read(name) });
    const audit = { receipt: named(files.receipt), ledger: named(files.ledger) };
    expect(verifyReceipt({ ...audit, policy: named(change.policyPath) })).toMatchObject({
      ok: true,
      problems: [],
      unchecked: [],
    });
  });

  it('add up what they spent', async () => {
    const { run } = (await merge({ policyPath: change.policyPath, shardDirs: dirs })).receipt;
    expect(run).toMatchObject({ shards: 4, sessions: 4, requests: 112, retries: 0 });
    expect(run.promptTokens).toBe(whole.receipt.run.promptTokens);
    expect(run.completionTokens).toBe(whole.receipt.run.completionTokens);
    // Each shard shows the judge all canaries.
    expect(run.judgeRequests).toBe(whole.receipt.run.judgeRequests + 3 * 3 * 64);
  });

  it('find prompts that the server cut by the counts of all shards, which one alone may not tell', async () => {
    const counts = dirs.flatMap((dir) => headerOf(dir).promptTokens.map((tokens) => tokens ?? 0));
    const long = 0.8 * Math.max(...counts);
    const [first = '', ...others] = dirs;
    const short = forged(first, ({ promptTokens }) => ({
      promptTokens: promptTokens.map((tokens) => ((tokens ?? 0) > long ? 20 : tokens)),
    }));
    const { files } = await merge({ policyPath: change.policyPath, shardDirs: [short, ...others] });
    const cut = headerOf(first).promptTokens.filter((tokens) => (tokens ?? 0) > long).length;
    expect(cut).toBeGreaterThan(0);
    expect(read(files.ledger).split('promptCut').length - 1).toBe(cut);
  });

  it('take whole blocks: no context is asked by two of them', () => {
    const blocks = dirs.map((dir) => {
      const rows = read(join(dir, 'labels.jsonl')).trimEnd().split('\n');
      return new Set(rows.map((row) => /"block":(\d+)/.exec(row)?.[1]));
    });
    expect(blocks.map(({ size }) => size)).toEqual([2, 2, 2, 2]);
    expect(new Set(blocks.flatMap((set) => [...set])).size).toBe(8);
  });

  it('hold no text of a pool, a query or an answer', () => {
    const pools = [...JSON.stringify(server.requests).matchAll(/"content":"((?:[^"\\]|\\.){12,})"/g)];
    const texts = [...new Set(pools.map(([, text]) => text ?? ''))];
    expect(texts.length).toBeGreaterThan(20);
    const files = dirs.flatMap((dir) => [read(join(dir, 'shard.json')), read(join(dir, 'labels.jsonl'))]);
    for (const text of texts) for (const file of files) expect(file.includes(text)).toBe(false);
  });

  it('touch no network: the merge sends nothing', async () => {
    const before = server.requests.length;
    await merge({ policyPath: change.policyPath, shardDirs: dirs });
    expect(server.requests.length).toBe(before);
  });
});

describe('a merge refuses', () => {
  it('a missing shard, by its number', async () => {
    await expect(merge({ policyPath: change.policyPath, shardDirs: dirs.slice(1) })).rejects.toThrow(
      refused('SHARDS_MISSING', /4\/4/),
    );
    await expect(merge({ policyPath: change.policyPath, shardDirs: [] })).rejects.toThrow(
      refused('SHARDS_MISSING', /all/),
    );
  });

  it('a shard that is there twice, naming both folders', async () => {
    const [first = ''] = dirs;
    const again = forged(first, () => ({}));
    await expect(merge({ policyPath: change.policyPath, shardDirs: [...dirs, again] })).rejects.toThrow(
      refused('SHARD_TWICE', /4\/4 again/),
    );
  });

  it.each<[string, (header: ShardHeader) => object]>([
    ['candidate\\.digest', ({ candidate }) => ({ candidate: { ...candidate, digest: 'other' } })],
    ['served\\.root', ({ served }) => ({ served: { ...served, root: '/other' } })],
    ['served\\.answersAs', ({ served }) => ({ served: { ...served, answersAs: 'other' } })],
    ['judge\\.promptSha256', ({ judge }) => ({ judge: { ...judge, promptSha256: '0'.repeat(64) } })],
    ['judge\\.canariesSha256', ({ judge }) => ({ judge: { ...judge, canariesSha256: '0'.repeat(64) } })],
    ['planSha256', () => ({ planSha256: '0'.repeat(64) })],
    ['policySha256', () => ({ policySha256: '0'.repeat(64) })],
    ['attempt', () => ({ attempt: 2 })],
    ['run\\.workflowRun', ({ run }) => ({ run: { ...run, github: { runId: '7' } } })],
    [
      'asOf',
      ({ run }) => ({
        asOf: '2026-06-20T10:00:00.000Z',
        run: { ...run, finishedAt: '2026-06-20T11:00:00.000Z' },
      }),
    ],
    ['version', () => ({ version: '0.0.0' })],
    ['ids\\.ofPlan', ({ ids }) => ({ ids: { ...ids, ofPlan: '0'.repeat(64) } })],
    ['shard\\.of', ({ shard }) => ({ shard: { ...shard, of: 5 } })],
  ])('a shard of another run, naming %s', async (field, edit) => {
    const [first = ''] = dirs;
    await expect(mergeWith(forged(first, edit))()).rejects.toThrow(
      refused('SHARD_OF_OTHER_RUN', new RegExp(field)),
    );
  });

  it('shards that all ran under another policy', async () => {
    const other = writeSmallPolicy({ ...wildguard, name: 'other' });
    await expect(merge({ policyPath: other, shardDirs: dirs })).rejects.toThrow(
      refused('SHARD_OF_OTHER_RUN', /policySha256/),
    );
  });

  it.each(['shard.json', 'labels.jsonl'])('changed bytes in %s', async (name) => {
    const [first = ''] = dirs;
    const copy = join(makeFolder(), 'shard');
    cpSync(first, copy, { recursive: true });
    const file = join(copy, name);
    writeFileSync(file, read(file).replace('refusal', 'compliance'));
    await expect(mergeWith(copy)()).rejects.toThrow(refused('SHARD_CHANGED', /digest/));
  });

  it('labels that were moved to another place of the plan', async () => {
    const [first = ''] = dirs;
    const lines = read(join(first, 'labels.jsonl')).trimEnd().split('\n');
    const swapped = `${[lines[1], lines[0], ...lines.slice(2)].join('\n')}\n`;
    const copy = forged(first, () => ({ labelsSha256: sha256(swapped) }));
    writeFileSync(join(copy, 'labels.jsonl'), swapped);
    await expect(mergeWith(copy)()).rejects.toThrow(refused('SHARD_OF_OTHER_RUN', /row 1\.trialId/));
  });
});

describe('shards under a ledger key', () => {
  it('merge without the key, and with it each id is held to the plan', async () => {
    const keyed = { ...change, ledgerKey: 'k1' };
    const shards = await runShards(keyed, 2);
    const one = await runSmall(keyed);
    const merged = await merge({ policyPath: change.policyPath, shardDirs: shards });
    expect(canonicalJson(merged.receipt.evidence)).toBe(canonicalJson(one.receipt.evidence));
    const withKey = (ledgerKey: string) => () =>
      merge({ policyPath: change.policyPath, shardDirs: shards, ledgerKey });
    expect((await withKey('k1')()).receipt.evidenceDigest).toBe(one.receipt.evidenceDigest);
    await expect(withKey('k2')()).rejects.toThrow(refused('SHARD_OF_OTHER_RUN', /ids/));
  }, 30_000);
});

describe('a shard', () => {
  it('has its share of what can be spent once: together they pass no cap', async () => {
    const capped = writeSmallPolicy({ ...wildguard, budget: { requests: 112 } });
    const { result } = await runOneShard(
      { ...change, policyPath: capped },
      { index: 1, of: 4 },
      makeFolder(),
    );
    expect(result.trials).toBe(28);
    const server500 = { ...change, policyPath: capped };
    const short = writeSmallPolicy({ ...wildguard, budget: { requests: 111 } });
    await expect(
      runOneShard({ ...server500, policyPath: short }, { index: 1, of: 4 }, makeFolder()),
    ).rejects.toThrow(expect.objectContaining({ code: 'BUDGET_TOO_SMALL' }));
  });

  it('is refused a baseline, more shards than blocks, and the state of another shard', async () => {
    const folder = makeFolder();
    await expect(
      runOneShard({ ...change, baselineDir: folder }, { index: 1, of: 2 }, folder),
    ).rejects.toThrow(expect.objectContaining({ code: 'SHARD_BASELINE' }));
    await expect(runOneShard(change, { index: 1, of: 9 }, folder)).rejects.toThrow(
      expect.objectContaining({ code: 'SHARD_EMPTY' }),
    );
    const stateDir = join(folder, 'state');
    await runOneShard({ ...change, stateDir }, { index: 1, of: 2 }, folder);
    await expect(runOneShard({ ...change, stateDir }, { index: 2, of: 2 }, folder)).rejects.toThrow(
      expect.objectContaining({ code: 'STATE_MISMATCH', message: expect.stringContaining('shard') }),
    );
  });
});

describe('mixgate run --shard and mixgate merge', () => {
  it('exit with 0 for a complete shard and with the verdict for the merge', async () => {
    const folder = makeFolder();
    const args = (index: number) => [
      ...['run', '--policy', change.policyPath, '--base-url', server.baseUrl, '--model', 'even'],
      ...['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard', '--no-preflight'],
      ...['--shard', `${index}/2`, '--state-dir', join(folder, 'state', `${index}`)],
      ...['--out', join(folder, `${index}`)],
    ];
    const runs = await Promise.all([1, 2].map((index) => startCommand(args(index)).result));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(runs[0]?.stdout).toContain('shard 1/2: complete, 56 trials; it decides nothing by itself');
    const merged = await startCommand([
      ...['merge', join(folder, '1'), join(folder, '2'), '--policy', change.policyPath],
      ...['--out', join(folder, 'out'), '--json'],
    ]).result;
    expect(merged.stderr).toBe('');
    expect(JSON.parse(merged.stdout)).toMatchObject({ verdict: whole.receipt.evidence.verdict });
    const bad = await startCommand(['merge', join(folder, '1'), '--policy', change.policyPath]).result;
    expect(bad).toMatchObject({ exitCode: 3 });
    expect(bad.stderr).toContain('SHARDS_MISSING');
  }, 60_000);
});
