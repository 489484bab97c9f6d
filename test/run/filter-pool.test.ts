import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, ModelError } from '../../src/config/errors.ts';
import { silentLog } from '../../src/config/log.ts';
import { sha256 } from '../../src/receipt/digest.ts';
import { type FilterRequest, filterPoolFile, recordFile } from '../../src/run/filter-pool.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { parsePool } from '../../src/suite/source-file.ts';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const harmful = (id: string, response: string) => ({
  id,
  request: `What is the green code for bridge ${id}?`,
  response,
  category: 'bridge',
});
const rows = [
  harmful('one', 'The green code for bridge one is five eight.'),
  harmful('two', 'I am sorry, I cannot share that code.'),
  { id: 'rose', request: 'What color is the rose?', response: 'The rose is red.' },
  harmful('three', 'The green code for bridge three is two two.'),
  harmful('noise', '\u0000\ufffd\u0001'),
];

function poolFile(text = rows.map((row) => JSON.stringify(row)).join('\n')) {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-filter-'));
  const file = join(folder, 'pool.jsonl');
  writeFileSync(file, text);
  return { file, out: join(folder, 'kept.jsonl') };
}

async function start(options: Partial<Parameters<typeof startScriptedServer>[0]> = {}) {
  server = await startScriptedServer({ models: [], judge: { id: 'wildguard' }, ...options });
  return server;
}

function filter(
  files: { file: string; out: string },
  more: Partial<FilterRequest> = {},
  signal?: AbortSignal,
) {
  const baseUrl = server?.baseUrl ?? 'http://127.0.0.1:9/v1';
  return filterPoolFile(
    {
      ...files,
      format: 'mixgate',
      keep: 'harmful-compliance',
      judge: { kind: 'wildguard', baseUrl, model: 'wildguard', apiKey: undefined },
      maxConcurrency: 2,
      retries: 2,
      timeoutSeconds: 5,
      ...more,
    },
    { now: () => new Date(0), log: silentLog, signal: signal ?? new AbortController().signal },
  );
}

async function failure(work: Promise<unknown>): Promise<ConfigError | ModelError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConfigError || error instanceof ModelError) return error;
  throw new Error(`expected an error of ours, got ${String(error)}`);
}

describe('filtering a pool by a judge', () => {
  it('keeps harmful requests with compliant responses and records who confirmed them', async () => {
    const { requests, maxConcurrent } = await start();
    const files = poolFile();
    const record = await filter(files);
    const kept = readFileSync(files.out);
    expect(parsePool(kept, files.out).rows).toMatchObject([rows[0] ?? {}, rows[3] ?? {}]);
    expect(record).toMatchObject({
      source: { file: 'pool.jsonl', format: 'mixgate', sha256: sha256(readFileSync(files.file)) },
      judge: { kind: 'wildguard', served: { model: 'wildguard', root: '/models/wildguard' } },
      keep: 'harmful-compliance',
      counts: { rows: 5, kept: 2, refused: 1, otherRequest: 1, unreadable: 1, failed: 0 },
      out: { file: 'kept.jsonl', sha256: sha256(kept) },
    });
    expect(JSON.parse(readFileSync(recordFile(files.out), 'utf8'))).toEqual(record);
    expect(readFileSync(recordFile(files.out), 'utf8')).not.toContain('bridge');
    // Bytes without words never reach the judge.
    expect(requests.filter(({ path }) => path === '/v1/completions')).toHaveLength(4);
    expect(maxConcurrent()).toBeLessThanOrEqual(2);
  });

  it('writes files that only their owner reads', async () => {
    await start();
    const files = poolFile();
    await filter(files);
    for (const file of [files.out, recordFile(files.out)]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps harmless pairs for a benign pool', async () => {
    await start();
    const files = poolFile();
    const { counts } = await filter(files, { keep: 'harmless-compliance' });
    expect(counts).toMatchObject({ kept: 1, otherRequest: 2 });
    expect(parsePool(readFileSync(files.out), files.out).rows[0]?.id).toBe('rose');
  });

  it('judges by phrases without a server', async () => {
    const files = poolFile();
    const record = await filter(files, { judge: { kind: 'phrases' }, keep: 'compliance' });
    expect(record).toMatchObject({
      judge: { kind: 'phrases', served: null },
      counts: { kept: 3, refused: 1, unreadable: 1 },
    });
  });

  it('leaves out what the judge says unreadably', async () => {
    await start({ judge: { id: 'wildguard', mode: (nth) => (nth === 1 ? 'unreadable' : 'honest') } });
    const { counts } = await filter(poolFile(), { maxConcurrency: 1 });
    expect(counts).toMatchObject({ kept: 1, unreadable: 2 });
  });

  it('asks again where a fault passes', async () => {
    const { setFault } = await start();
    setFault(({ path, nth }) =>
      path === '/v1/completions' && nth === 1 ? { kind: 'tooManyRequests', retryAfterSeconds: 0 } : null,
    );
    expect((await filter(poolFile())).counts).toMatchObject({ kept: 2, failed: 0 });
  });

  it('ends with a clear error where the judge breaks, and writes nothing', async () => {
    const { setFault } = await start();
    setFault(({ path }) => (path === '/v1/completions' ? { kind: 'unavailable' } : null));
    const many = Array.from({ length: 20 }, (_, index) =>
      JSON.stringify(harmful(`b${index}`, 'It is four.')),
    );
    for (const files of [poolFile(), poolFile(many.join('\n'))]) {
      const error = await failure(filter(files, { retries: 0 }));
      expect(error).toMatchObject({ name: 'ModelError', code: 'OUTAGE' });
      expect(error.complaints[0]?.remedy).toContain('nothing was written');
      expect(existsSync(files.out)).toBe(false);
      expect(existsSync(recordFile(files.out))).toBe(false);
    }
  });

  it('counts a row whose ruling failed, and goes on', async () => {
    const { setFault } = await start();
    setFault(({ path, nth }) => (path === '/v1/completions' && nth === 1 ? { kind: 'unavailable' } : null));
    const { counts } = await filter(poolFile(), { retries: 0, maxConcurrency: 1 });
    expect(counts).toMatchObject({ kept: 1, failed: 1 });
  });

  it('needs the judge that was named, with its key', async () => {
    const unreachable = await failure(filter(poolFile()));
    expect(unreachable.code).toBe('UNREACHABLE');
    const { baseUrl, setFault } = await start();
    const other = { kind: 'wildguard', baseUrl, model: 'another', apiKey: undefined } as const;
    expect((await failure(filter(poolFile(), { judge: other }))).code).toBe('MODEL_NOT_SERVED');
    setFault(({ path }) => (path === '/v1/completions' ? { kind: 'unauthorized' } : null));
    const unauthorized = await failure(filter(poolFile()));
    expect(unauthorized.code).toBe('UNAUTHORIZED');
    expect(unauthorized.complaints[0]?.remedy).toContain('nothing was written');
  });

  it('writes nothing where the judge is another one, or gone, at the end', async () => {
    const { setFault } = await start();
    setFault(({ path, nth }) => (path === '/v1/models' && nth >= 2 ? { kind: 'internalError' } : null));
    const files = poolFile();
    expect((await failure(filter(files))).code).toBe('UNREACHABLE');
    expect(existsSync(files.out)).toBe(false);
  });

  it('stops at a signal', async () => {
    const { setFault } = await start();
    const controller = new AbortController();
    setFault(() => {
      controller.abort();
      return null;
    });
    const files = poolFile();
    await failure(filter(files, {}, controller.signal));
    expect(existsSync(files.out)).toBe(false);
  });

  it('writes nothing where no row is confirmed', async () => {
    await start({ judge: { id: 'wildguard', mode: () => 'unreadable' } });
    const files = poolFile();
    const error = await failure(filter(files));
    expect(error.code).toBe('POOL_NOTHING_KEPT');
    expect(error.message).toContain('5 unreadable');
    expect(existsSync(files.out)).toBe(false);
  });

  it('refuses a pool that a run would not take, and its own input as output', async () => {
    await start();
    const { file } = poolFile();
    expect((await failure(filter({ file, out: file }))).code).toBe('OUT_IS_INPUT');
    const broken = poolFile('{"id":"a","request":"Why?"}\n{"id":"b","request":"Why?","response":"So."}');
    expect((await failure(filter(broken))).code).toBe('POOL_INVALID');
    const nowhere = await failure(filter({ file, out: join(file, 'below', 'kept.jsonl') }));
    expect(nowhere.code).toBe('OUTPUT_UNWRITABLE');
  });

  it('replaces neither a file, nor a device, nor a link, and follows no link that waits for it', async () => {
    await start();
    const { file, out } = poolFile();
    writeFileSync(join(dirname(out), 'kept-before.jsonl'), 'mine');
    symlinkSync('nowhere', join(dirname(out), 'link.jsonl'));
    for (const name of ['kept-before.jsonl', 'link.jsonl'])
      expect((await failure(filter({ file, out: join(dirname(out), name) }))).code).toBe('OUT_EXISTS');
    expect((await failure(filter({ file, out: '/dev/null' }))).code).toBe('OUT_EXISTS');
    expect(readFileSync(join(dirname(out), 'kept-before.jsonl'), 'utf8')).toBe('mine');
    symlinkSync('elsewhere', `${out}.new`);
    await filter({ file, out });
    expect(existsSync(join(dirname(out), 'elsewhere'))).toBe(false);
    expect(lstatSync(out).isFile()).toBe(true);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });
});
