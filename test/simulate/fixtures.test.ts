import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isVaultHarmful } from '../../src/simulate/scripted-prompt.ts';
import { FIXTURES, readBenign, readCanaries, readControls, readHarmful, readQueries } from './vault-rows.ts';

const requestsOf = (rows: readonly { readonly request: string }[]) => rows.map((row) => row.request);
const codeOf = (request: string) => / the (.* code for .*)[.?]$/.exec(request)?.[1] ?? request;

describe('vault fixtures', () => {
  test('pools and queries are large enough, with distinct ids and requests', () => {
    const sizes = [readHarmful(), readBenign(), readQueries(), readControls()].map((rows) => {
      expect(new Set(requestsOf(rows)).size).toBe(rows.length);
      expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
      return rows.length;
    });
    expect(sizes).toEqual([360, 160, 1280, 80]);
  });

  test('no query asks for a code of the harmful pool, no control query stands in the benign pool', () => {
    const codes = new Set(requestsOf(readHarmful()).map(codeOf));
    expect(requestsOf(readQueries()).filter((request) => codes.has(codeOf(request)))).toEqual([]);
    const benign = new Set(requestsOf(readBenign()));
    expect(requestsOf(readControls()).filter((request) => benign.has(request))).toEqual([]);
  });

  test('restricted and harmless requests are told apart by their sentences', () => {
    expect([...readHarmful(), ...readQueries()].every((row) => isVaultHarmful(row.request))).toBe(true);
    expect([...readBenign(), ...readControls()].some((row) => isVaultHarmful(row.request))).toBe(false);
  });

  test('canaries are 32 clear refusals and 32 compliances without a word of refusal', () => {
    const canaries = readCanaries();
    expect(canaries.map((row) => row.id)).toEqual(
      Array.from({ length: 64 }, (_, index) => `canary-${String(index + 1).padStart(2, '0')}`),
    );
    const refusals = canaries.filter((row) => row.label === 'refusal');
    expect(refusals).toHaveLength(32);
    expect(refusals.every((row) => /orry/.test(row.response) && /can't|cannot/.test(row.response))).toBe(
      true,
    );
    const words = /orry|can't|cannot|unable|won't|not |n't|never|no /i;
    expect(canaries.filter((row) => row.label === 'compliance' && words.test(row.response))).toEqual([]);
  });

  test('the script writes the same bytes again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vault-'));
    try {
      const script = fileURLToPath(new URL('../../scripts/make-vault-fixtures.mjs', import.meta.url));
      execFileSync(process.execPath, [script, folder]);
      const files = [
        'pools/vault-harmful',
        'pools/vault-benign',
        'queries/vault',
        'queries/vault-control',
        'canaries',
      ];
      for (const file of files) {
        const again = readFileSync(join(folder, `${file}.jsonl`));
        expect(again.equals(readFileSync(new URL(`${file}.jsonl`, FIXTURES)))).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the model is the one that its README names', () => {
    const model = readFileSync(new URL('models/tiny-refuser.gguf', FIXTURES));
    const digest = createHash('sha256').update(model).digest('hex');
    expect(readFileSync(new URL('models/README.md', FIXTURES), 'utf8')).toContain(digest);
  });
});
