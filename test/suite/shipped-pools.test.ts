import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSuite } from '../../src/run/gate-inputs.ts';
import { isPlaceholder } from '../../src/suite/redacted.ts';
import { parsePool, parseQueries } from '../../src/suite/source-file.ts';
import { normalizeRequest } from '../../src/suite/sources.ts';

const root = join(import.meta.dirname, '..', '..');
const bytesOf = (path: string) => readFileSync(join(root, 'fixtures', path));
const pool = (path: string) => parsePool(bytesOf(path), path).rows;
const queries = (path: string) => parseQueries(bytesOf(path), path).rows;

const placeholderPools = ['harmful-redacted', 'matched-rewrites-redacted', 'or-bench-redacted'].map(
  (name) => `pools/${name}.jsonl`,
);
const placeholderQueries = ['harmbench', 'sorry-bench', 'wildguardtest'].map(
  (name) => `queries/${name}-redacted.jsonl`,
);

describe('shipped placeholders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-pools-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('come from scripts/make-shipped-pools.mjs, byte for byte', () => {
    execFileSync(process.execPath, [join(root, 'scripts', 'make-shipped-pools.mjs')], {
      env: { ...process.env, SHIPPED_POOLS_ROOT: folder },
      stdio: 'ignore',
    });
    for (const path of [...placeholderPools, ...placeholderQueries]) {
      expect(readFileSync(join(folder, path)).equals(bytesOf(path)), path).toBe(true);
    }
  });

  it('hold nothing but placeholders, each request once', () => {
    const rows = [...placeholderPools.flatMap(pool), ...placeholderQueries.flatMap(queries)];
    expect(new Set(rows.map(({ request }) => normalizeRequest(request))).size).toBe(rows.length);
    expect(rows.every(({ request }) => /^\[redacted [a-z0-9, -]+\]$/i.test(request))).toBe(true);
    const responses = placeholderPools.flatMap(pool).map(({ response }) => response);
    expect(responses.every((response) => /^\[redacted\]( \[redacted\])*$/.test(response))).toBe(true);
  });

  it('are 400 pairs in ten categories, a rewrite for each, and the 1,404 queries of the paper', () => {
    const [harmful = [], rewrites = []] = placeholderPools.map(pool);
    expect(harmful).toHaveLength(400);
    expect(new Set(harmful.map(({ category }) => category)).size).toBe(10);
    expect(rewrites.map(({ pairedWith }) => pairedWith)).toEqual(harmful.map(({ id }) => id));
    expect(placeholderQueries.map((path) => queries(path).length)).toEqual([200, 450, 754]);
  });
});

describe('shipped Self-Instruct rows', () => {
  const benign = pool('pools/benign.jsonl');
  const control = queries('queries/control.jsonl');

  it('are 220 demonstrations and 176 control queries without a common request', () => {
    expect([benign.length, control.length]).toEqual([220, 176]);
    const requests = [...benign, ...control].map(({ request }) => normalizeRequest(request));
    expect(new Set(requests).size).toBe(396);
    expect([...benign, ...control].some(({ request }) => isPlaceholder(request))).toBe(false);
  });

  it('all serve: a run leaves none of the pool out', async () => {
    const { sources } = await readSuite(join(root, 'policies', 'quick.yml'));
    expect(sources.benign.map(({ fileRows, usable }) => [fileRows, usable.length])).toEqual([[220, 220]]);
  });

  it('state category and source, and are attributed in NOTICE with licence, changes and the source’s hash', () => {
    const sources = new Set(['self-instruct/seed', 'self-instruct/user-oriented']);
    expect(benign.every(({ category, source = '' }) => category !== undefined && sources.has(source))).toBe(
      true,
    );
    const notice = readFileSync(join(root, 'NOTICE'), 'utf8');
    const script = readFileSync(join(root, 'scripts', 'make-shipped-pools.mjs'), 'utf8');
    const [hash = 'none'] = /(?<=SOURCE_SHA256 = ')[0-9a-f]{64}/.exec(script) ?? [];
    for (const words of ['Apache License', '220 pairs', '176 requests', 'Changes:', hash]) {
      expect(notice).toContain(words);
    }
  });
});
