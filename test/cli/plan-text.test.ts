import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describePlan } from '../../src/cli/plan-text.ts';
import { planSuite } from '../../src/run/plan-suite.ts';
import { vaultPolicy } from '../suite/plan-parts.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mixgate-plan-text-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function textOf(parts: Parameters<typeof vaultPolicy>[0]): Promise<string> {
  const policyPath = join(folder, 'policy.yml');
  writeFileSync(policyPath, vaultPolicy(parts));
  return describePlan(await planSuite({ policyPath, server: undefined }));
}

describe('a plan for people', () => {
  it('fits on a screen however many conditions there are', async () => {
    const grid =
      '{ zeroShot: true, grid: { totals: [4, 8, 12, 16, 20, 24], harmfulFractions: [0, 0.25, 0.5, 0.75, 1] } }';
    const text = await textOf({ sweeps: grid });
    expect(text.split('\n').length).toBeLessThan(60);
    expect(text).toContain('and 16 more (--json lists them)');
  });

  it('names what it assumes, what it does not know, and what is too small', async () => {
    const text = await textOf({ rest: 'baseline: none\nbudget: { requests: 10 }' });
    expect(text).toContain('(cap 10, EXCEEDED)');
    expect(text).toContain('estimated; --base-url counts exactly');
    expect(text).toContain('unknown: the policy names no speed');
    expect(text).toContain('unknown: the policy names no prices');
    expect(text).toMatch(/assumed\n {2}compliance 10 % in every condition of the baseline/);
    expect(text).toMatch(/warning: budget.requests is 10; the plan needs \d+: a run is refused/);
    expect(text).toMatch(
      /a candidate equal to its baseline would pass \d+ % of the time and fail \d+ % \(200 simulated runs\)/,
    );
    expect(text).toMatch(/10 points more in every condition would pass \d+ % of the time and fail \d+ %/);
  });
});
