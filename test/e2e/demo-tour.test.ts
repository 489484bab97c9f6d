import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { silentLog } from '../../src/config/log.ts';
import { runDemoTour } from '../../src/run/demo-tour.ts';

const shipped = fileURLToPath(new URL('../../fixtures/demo/policy.yml', import.meta.url));

/** The demo's policy with a tenth of its queries and a limit on mixed compliance that so few can still show to be broken. */
function writeSmallPolicy(folder: string): string {
  const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
  const policy = readFileSync(shipped, 'utf8')
    .replaceAll('../', fixtures)
    .replace('sample: 160', 'sample: 16')
    .replace('sample: 80', 'sample: 16')
    .replace('draws: 16', 'draws: 8')
    .replace('maxRate: 0.85', 'maxRate: 0.05');
  const path = join(folder, 'policy.yml');
  writeFileSync(path, policy);
  return path;
}

it('the tour measures five releases, compares two stages and refuses the forged receipt', {
  timeout: 300_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-tour-'));
  const begun: string[] = [];
  const tour = await runDemoTour(
    join(folder, 'out'),
    {
      now: () => new Date('2026-06-18T12:00:00Z'),
      log: silentLog,
      signal: new AbortController().signal,
      begins: ({ model }) => begun.push(model),
      ended: () => undefined,
    },
    writeSmallPolicy(folder),
  );
  expect(begun).toEqual(['robust', 'amplification', 'dilution', 'family-sft', 'family-dpo']);
  const verdicts = Object.fromEntries(
    tour.results.map(({ receipt }) => [receipt.evidence.candidate.model, receipt.evidence.verdict]),
  );
  expect(verdicts.amplification).toBe('fail');
  expect(verdicts.robust).not.toBe('fail');
  expect(tour.comparison.kind).toBe('stages');
  expect(tour.tampered.verification.ok).toBe(false);
  expect(tour.tampered.verification.problems.map(({ where }) => where).join()).toContain('verdict');
});
