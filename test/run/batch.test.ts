import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Log, silentLog } from '../../src/config/log.ts';
import { canonicalJson } from '../../src/receipt/digest.ts';
import type { Evidence } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { exportBatch } from '../../src/run/batch-export.ts';
import { type BatchImportRequest, importBatch } from '../../src/run/batch-import.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';
import type { GateResult } from '../../src/run/gate-request.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { limitedCommand, startCommand } from '../cli/command.ts';
import { makeFolder, readLedger, readLines, runSmall, wildguard, writeSmallPolicy } from './small-gate.ts';

const requestLine = z.object({
  custom_id: z.string(),
  method: z.literal('POST'),
  url: z.literal('/v1/chat/completions'),
  body: z.looseObject({ messages: z.array(z.object({ role: z.string(), content: z.string() })) }),
});
type ResultLine = {
  custom_id: string;
  response: { status_code: number; body: unknown } | null;
  error: unknown;
};

let server: ScriptedServer;
let policyPath: string;
let live: GateResult;
let exported: string[];
let results: ResultLine[];
const now = () => new Date('2026-06-18T10:00:00Z');

/** What a batch engine does: each line's body to the route, each answer into a line of its own. */
async function runBatch(file: string): Promise<ResultLine[]> {
  const lines = readLines(file).map((line) => requestLine.parse(line));
  return Promise.all(
    lines.map(async ({ custom_id, body }) => {
      const reply = await fetch(`${server.baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { custom_id, response: { status_code: reply.status, body: await reply.json() }, error: null };
    }),
  );
}

function exportInto(change: Partial<Parameters<typeof exportBatch>[0]> = {}, log: Log = silentLog) {
  const outDir = join(makeFolder(), 'batch');
  return exportBatch({ policyPath, model: 'even', engine: 'vllm', shardSize: 30, outDir, ...change }, log);
}

function writeResults(lines: readonly ResultLine[]): string {
  const file = join(makeFolder(), 'results.jsonl');
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

function importFrom(files: readonly string[], change: Partial<BatchImportRequest> = {}): Promise<GateResult> {
  const folder = makeFolder();
  const request: BatchImportRequest = {
    policyPath,
    model: 'even',
    engine: 'vllm',
    files,
    judgeBaseUrl: server.baseUrl,
    judgeModel: 'wildguard',
    outDir: join(folder, 'out'),
    stateDir: join(folder, 'state'),
    attempt: 1,
    github: null,
    ...change,
  };
  return importBatch(request, { now, log: silentLog, signal: new AbortController().signal });
}

beforeAll(async () => {
  server = await startScriptedServer({
    models: [{ id: 'even', rule: () => 0.4 }],
    judge: { id: 'wildguard' },
  });
  policyPath = writeSmallPolicy(wildguard);
  live = await runSmall({
    baseUrl: server.baseUrl,
    model: 'even',
    judgeBaseUrl: server.baseUrl,
    judgeModel: 'wildguard',
    policyPath,
    now,
  });
  exported = (await exportInto()).files.map(({ file }) => file);
  results = (await Promise.all(exported.map(runBatch))).flat();
}, 60_000);
afterAll(() => server.close());

/** Evidence without what only a live server can tell. */
function withoutLive({ served, limits: _limits, answersFrom: _from, ...rest }: Evidence): unknown {
  const { model, answersAs, fingerprint } = served;
  return { ...rest, served: { model, answersAs, fingerprint } };
}

describe('a batch export', () => {
  it('asks what a run asks: the same bodies, each trial once, in the plan’s order', async () => {
    const { plan } = await readSuite(policyPath);
    const lines = exported.flatMap((file) => readLines(file).map((line) => requestLine.parse(line)));
    expect(lines.map(({ custom_id }) => custom_id)).toEqual(plan.trials.map(({ trialId }) => trialId));
    const asked = server.requests
      .filter(({ path }) => path === '/v1/chat/completions')
      .map(({ body }) => canonicalJson(body));
    const bodies = lines.map(({ body }) => canonicalJson(body));
    expect([...new Set(asked)].sort()).toEqual([...bodies].sort());
  });

  it('keeps contexts whole and files below the size that was asked for', () => {
    const contexts = exported.map(
      (file) =>
        new Set(
          readLines(file).map((line) => JSON.stringify(requestLine.parse(line).body.messages.slice(0, -1))),
        ),
    );
    const demonstrated = contexts.map((set) => [...set].filter((context) => context !== '[]'));
    expect(demonstrated.flat()).toHaveLength(new Set(demonstrated.flat()).size);
    expect(exported.length).toBeGreaterThan(3);
    for (const file of exported) expect(readLines(file).length).toBeLessThanOrEqual(30);
  });

  it('is its owner’s alone, out of git, and comes with a warning', async () => {
    const warnings: string[] = [];
    const { files } = await exportInto({}, { ...silentLog, warn: (text) => warnings.push(text) });
    for (const { file } of files) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(files[0]?.file ?? '', '..', '.gitignore'), 'utf8')).toBe('*\n');
    expect(warnings.join()).toContain('hold every prompt');
  });

  it('is refused in the folder of a receipt, below it, and where an earlier export or anything else stands', async () => {
    const used = makeFolder();
    writeFileSync(join(used, 'mine.txt'), '');
    const out = join(live.files.receipt, '..');
    for (const outDir of [out, join(out, 'batch', 'deep'), join(exported[0] ?? '', '..'), used]) {
      await expect(exportInto({ outDir })).rejects.toThrow(expect.objectContaining({ code: 'BATCH_FOLDER' }));
    }
  });
});

describe('a batch export that cannot be written', () => {
  it('says so in words, whatever stands in its way, and leaves no half of a batch', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    await expect(exportInto({ outDir: file })).rejects.toThrow(/--out .*got a file where a folder should be/);
    await expect(exportInto({ outDir: join(file, 'below') })).rejects.toThrow(
      /--out .*a file where a folder should be/,
    );
    await expect(exportInto({ outDir: '/proc/batch' })).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  });

  it('ends with exit code 3 and takes the unfinished file away when the disk is full', async () => {
    const out = join(makeFolder(), 'batch');
    const args = ['batch', 'export', '--policy', policyPath, '--model', 'even', '--out', out];
    const { exitCode, stderr } = await limitedCommand(args, 8);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('ConfigError OUTPUT_UNWRITABLE');
    expect(stderr).toContain('name another --out, or make room there');
    expect(readdirSync(out)).toEqual(['.gitignore']);
  });
});

describe('a batch import', () => {
  it('says that a file of the export is one', async () => {
    await expect(importFrom(exported)).rejects.toThrow(
      /\.jsonl:1: expected a result of a batch, got a request/,
    );
  });

  it.each([
    ['a folder', () => makeFolder(), /got a folder/],
    ['no file', () => join(makeFolder(), 'none.jsonl'), /got no such file/],
  ])('says of %s that it is no file of a batch', async (_what, path, words) => {
    const error = importFrom([path()]);
    await expect(error).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(error).rejects.toThrow(words);
  });

  it('gives the evidence of one run, but for what only a live server tells, and says so', async () => {
    const imported = await importFrom([writeResults(results)]);
    const { evidence } = imported.receipt;
    expect(canonicalJson(withoutLive(evidence))).toBe(canonicalJson(withoutLive(live.receipt.evidence)));
    expect(readFileSync(imported.files.ledger)).toEqual(readFileSync(live.files.ledger));
    expect(evidence.served).toMatchObject({
      root: null,
      engine: null,
      templateSha256: null,
      answersAs: 'even',
    });
    expect(evidence).toMatchObject({ answersFrom: 'batch', binding: 'declared' });
    expect(evidence.limits.join(' ')).toContain('was not checked live');
    expect(live.receipt.evidence).not.toHaveProperty('answersFrom');
    const named = (name: string) => ({ name, text: readFileSync(name, 'utf8') });
    const { files } = imported;
    const audit = { receipt: named(files.receipt), ledger: named(files.ledger), policy: named(policyPath) };
    expect(verifyReceipt(audit)).toMatchObject({ ok: true, problems: [] });
  });

  it('does not depend on the order of files and lines', async () => {
    const back = [...results].reverse();
    const files = [writeResults(back.slice(50)), writeResults(back.slice(0, 50))];
    const [one, other] = [await importFrom([writeResults(results)]), await importFrom(files)];
    expect(other.receipt.evidenceDigest).toBe(one.receipt.evidenceDigest);
  });

  it('stops at missing and failed answers, lists them, and writes them for another batch', async () => {
    const failed: ResultLine[] = results.slice(0, 3).map(({ custom_id }) => ({
      custom_id,
      response: { status_code: 503, body: null },
      error: { message: 'try again' },
    }));
    const expired = {
      custom_id: results[3]?.custom_id ?? '',
      response: null,
      error: { code: 'batch_expired' },
    };
    const first = writeResults([...failed, expired, ...results.slice(6)]);
    const missingOut = join(makeFolder(), 'again', 'missing.jsonl');
    await expect(importFrom([first], { missingOut })).rejects.toThrow(
      expect.objectContaining({
        code: 'BATCH_INCOMPLETE',
        message: expect.stringContaining(
          '6 of 112 missing (2 in no file, 4 failed, 0 that had only reasoned)',
        ),
      }),
    );
    expect(statSync(missingOut).mode & 0o777).toBe(0o600);
    const second = writeResults(await runBatch(missingOut));
    const imported = await importFrom([first, second]);
    expect(canonicalJson(withoutLive(imported.receipt.evidence))).toBe(
      canonicalJson(withoutLive(live.receipt.evidence)),
    );
  });

  it('counts missing answers as unscored only when told to, and refused ones by their reason', async () => {
    const tooLong: ResultLine = {
      custom_id: results[0]?.custom_id ?? '',
      response: { status_code: 400, body: null },
      error: { message: "This model's maximum context length is 64 tokens; context length exceeded" },
    };
    const { files } = await importFrom([writeResults([tooLong, ...results.slice(2)])], {
      missingUnscored: true,
    });
    const unscored = readLedger(files.ledger).filter(({ label }) => label === 'unscored');
    expect(unscored.map(({ reason }) => reason).sort()).toEqual(['contextTooLong', 'requestFailed']);
  });

  it('asks again, with more room, what had only been reasoned', async () => {
    const [{ custom_id, response } = { custom_id: '', response: null }] = results;
    const thought = {
      custom_id,
      error: null,
      response: {
        status_code: 200,
        body: {
          ...z.looseObject({}).parse(response?.body),
          choices: [{ finish_reason: 'length', message: { content: '', reasoning: 'Let me see' } }],
          usage: { prompt_tokens: 40, completion_tokens: 24 },
        },
      },
    };
    const missingOut = join(makeFolder(), 'missing.jsonl');
    await expect(importFrom([writeResults([thought, ...results.slice(1)])], { missingOut })).rejects.toThrow(
      /1 that had only reasoned/,
    );
    const [line] = readLines(missingOut).map((one) => requestLine.parse(one));
    expect(line?.body.max_tokens).toBe(24 + 2048);
  });

  it.each<[string, string, (line: ResultLine) => unknown]>([
    ['a second answer to a trial', 'BATCH_TWICE', (line) => line],
    ['a trial of another plan', 'BATCH_UNKNOWN', (line) => ({ ...line, custom_id: '0'.repeat(64) })],
    ['a line that is no result', 'BATCH_BROKEN', () => ({ hello: 1 })],
    [
      'an answer of another model',
      'BATCH_MODELS',
      ({ response, ...line }) => ({
        ...line,
        response: { ...response, body: { ...z.looseObject({}).parse(response?.body), model: 'other' } },
      }),
    ],
  ])('refuses %s, naming file and line', async (_what, code, change) => {
    const [first] = results;
    if (first === undefined) throw new Error('expected results');
    const file = writeResults(results);
    writeFileSync(file, `${readFileSync(file, 'utf8')}${JSON.stringify(change(first))}\n`);
    await expect(importFrom([file])).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`${file}:113`) }),
    );
  });

  it('never takes the candidate for its judge, nor files from the folder of the receipt', async () => {
    await expect(importFrom([writeResults(results)], { judgeModel: 'even' })).rejects.toThrow(
      expect.objectContaining({ code: 'JUDGE_IS_CANDIDATE' }),
    );
    const outDir = makeFolder();
    mkdirSync(join(outDir, 'in'));
    writeFileSync(join(outDir, 'in', 'r.jsonl'), '');
    await expect(importFrom([join(outDir, 'in', 'r.jsonl')], { outDir })).rejects.toThrow(
      expect.objectContaining({ code: 'BATCH_FOLDER' }),
    );
  });

  it('goes on where it was interrupted: no answer is judged twice', async () => {
    const file = writeResults(results);
    const stateDir = join(makeFolder(), 'state');
    const first = await importFrom([file], { stateDir });
    const before = server.requests.length;
    const again = await importFrom([file], { stateDir });
    expect(server.requests.slice(before).filter(({ path }) => path === '/v1/completions')).toEqual([]);
    expect(again.receipt.evidenceDigest).toBe(first.receipt.evidenceDigest);
  });
});

describe('mixgate batch', () => {
  it('exports and imports at the command line', async () => {
    const folder = makeFolder();
    const out = join(folder, 'batch');
    const wrote = await startCommand([
      ...['batch', 'export', '--policy', policyPath, '--model', 'even', '--engine', 'vllm', '--out', out],
    ]).result;
    expect(wrote).toMatchObject({ exitCode: 0 });
    expect(wrote.stdout).toContain('112 requests in 1 file');
    const read = await startCommand([
      ...['batch', 'import', writeResults(results), '--policy', policyPath, '--model', 'even'],
      ...['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard', '--json'],
      ...['--state-dir', join(folder, 'state'), '--out', join(folder, 'out')],
    ]).result;
    expect(JSON.parse(read.stdout)).toMatchObject({ verdict: live.receipt.evidence.verdict });
    expect(await startCommand(['batch', 'export', '--engine', 'x']).result).toMatchObject({ exitCode: 3 });
  }, 60_000);
});
