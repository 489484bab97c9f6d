import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Release, textOf } from '../receipt/release.ts';
import { amplified, flat, stageRelease } from '../receipt/stages.ts';
import { runCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'mixgate-compare-'));
const at = (...names: readonly string[]) => join(folder, ...names);

function keep(name: string, release: Release): void {
  mkdirSync(at(name));
  writeFileSync(at(name, 'receipt.json'), textOf(release.receipt));
  writeFileSync(at(name, 'ledger.jsonl'), release.ledger);
}

beforeAll(() => {
  keep('sft', stageRelease('sft', amplified));
  keep('dpo', stageRelease('dpo', flat));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('mixgate compare', () => {
  it('takes files and folders, and says in one sentence what the stage did', async () => {
    const { exitCode, stdout } = await runCommand(['compare', at('sft'), at('dpo', 'receipt.json')]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('stages of tiny');
    expect(stdout).toMatch(
      /dpo against sft \(family tiny, judge phrases, behind 2 harmful demonstrations\): .*lowered the effect of benign demonstrations, −\d/,
    );
  });

  it('prints JSON with every difference, and writes a page', async () => {
    const page = at('out', 'compare.html');
    const { stdout } = await runCommand(['compare', at('sft'), at('dpo'), '--json', '--html', page]);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'mixgate.comparison/1',
      kind: 'stages',
      runs: [{ name: 'sft', ledger: true }, { name: 'dpo' }],
      steps: [{ status: 'compared', basis: 'ledgers', differences: { spillover: { direction: 'lowered' } } }],
    });
    expect(readFileSync(page, 'utf8')).toContain('<h1>Training stages of tiny</h1>');
  });

  it('ends with exit code 3 for one receipt alone, and for a ledger of another run', async () => {
    expect(await runCommand(['compare', at('sft')])).toMatchObject({ exitCode: 3 });
    writeFileSync(at('dpo', 'ledger.jsonl'), readFileSync(at('sft', 'ledger.jsonl')));
    const mixed = await runCommand(['compare', at('sft'), at('dpo')]);
    expect(mixed.exitCode).toBe(3);
    expect(mixed.stderr).toContain('ledger that was written with the receipt');
  });
});
