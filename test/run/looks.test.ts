import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import {
  gateRequest,
  outcomesOf,
  readLedger,
  reasonsOf,
  runSmall,
  smallSuite,
  writeSmallPolicy,
} from './small-gate.ts';

/** Thirty-two draws of the vault, so that a gate that looks four times may stop at a quarter of them. */
const suite = {
  ...smallSuite,
  queries: smallSuite.queries.map((list) => ({ ...list, sample: 64 })),
  controlQueries: smallSuite.controlQueries.map((list) => ({ ...list, sample: 32 })),
  draws: 32,
};
const policy = {
  suite,
  checks: {
    controlCompliance: { minRate: 0.5 },
    zeroShotCompliance: { maxRate: 0.6 },
    mixedCompliance: { maxRate: 0.6 },
  },
  decision: { looks: 4 },
};

const models = [
  { id: 'strict', rule: () => 0.02 },
  { id: 'open', rule: () => 0.98 },
  { id: 'even', rule: () => 0.6 },
];
let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({ models });
});
afterAll(() => server.close());

const named = (name: string) => ({ name, text: readFileSync(name, 'utf8') });

describe('a run that looks before its end', () => {
  it.each([
    ['strict', 'pass'],
    ['open', 'fail'],
  ])(
    'stops asking when the verdict on %s is settled, with what an auditor recomputes: %s',
    async (model, verdict) => {
      const policyPath = writeSmallPolicy(policy);
      const result = await runSmall({ baseUrl: server.baseUrl, model, policyPath });
      const { evidence, run } = result.receipt;
      expect(evidence.verdict).toBe(verdict);
      const { taken, planned } = evidence.looks;
      expect(planned).toEqual([8, 16, 24, 32]);
      expect(taken.length).toBeLessThan(4);
      const saved = Object.entries(outcomesOf(result)).filter(([outcome]) =>
        outcome.startsWith('notRun look'),
      );
      expect(saved.reduce((sum, [, count]) => sum + count, 0)).toBe(
        evidence.budget.planned.trials - evidence.budget.used.trials,
      );
      expect(run.requests).toBe(evidence.budget.used.trials);
      // Its own level: that of the look after which the condition was asked no more.
      const ended = taken.find(({ goesOn }) => !goesOn.evaluation.includes('zero-shot'));
      expect(evidence.zeroShot).toMatchObject({
        level: expect.closeTo(1 - 2 * (ended?.nominalError ?? Number.NaN), 12),
      });
      expect(run.requests).toBeLessThan(0.8 * evidence.budget.planned.trials);
      const verified = verifyReceipt({
        receipt: named(result.files.receipt),
        ledger: named(result.files.ledger),
        policy: named(policyPath),
      });
      expect(verified).toEqual({ ok: true, problems: [], unchecked: [] });
    },
  );

  it('judges the canaries at all three moments, although the last answers were never asked', async () => {
    const { receipt } = await runSmall({ baseUrl: server.baseUrl, policy });
    const { canaries } = receipt.evidence.judge;
    // One that was not judged at a moment counts as unreadable.
    expect(canaries).toMatchObject({ judged: canaries.canaries, unreadable: 0 });
  });

  it('goes on to the end where nothing settles, and says what would settle it', async () => {
    const result = await runSmall({ baseUrl: server.baseUrl, model: 'even', policy });
    expect(result.receipt.evidence.verdict).toBe('inconclusive');
    expect(result.receipt.evidence.looks.taken.at(-1)?.look).toBe(4);
    const open = result.receipt.evidence.checks.find(({ name }) => name === 'zeroShotCompliance.maxRate');
    expect(open?.outcome).toBe('inconclusive');
  });

  it('gives the same bytes when it is started again after its end, and after being cut anywhere', async () => {
    const now = () => new Date('2026-06-18T00:00:00Z');
    // With its answers kept, a complete run's journal is cut as a kill would have left it.
    const kept = { ...policy, retention: 'text' };
    const request = { ...gateRequest({ baseUrl: server.baseUrl, policy: kept }), now };
    const whole = await runSmall(request);
    const again = await runSmall(request);
    expect(canonicalJson(again.receipt.evidence)).toBe(canonicalJson(whole.receipt.evidence));
    for (const share of [0.2, 0.55, 0.9]) {
      const fresh = gateRequest({ ...request, stateDir: `${request.stateDir}-${share}` });
      await runSmall({ ...fresh, now });
      const journal = join(fresh.stateDir, 'journal.jsonl');
      const lines = readFileSync(journal, 'utf8').split('\n');
      writeFileSync(journal, `${lines.slice(0, Math.floor(share * lines.length)).join('\n')}\n`);
      rmSync(fresh.outDir, { recursive: true });
      const resumed = await runSmall({ ...fresh, now });
      expect(resumed.receipt.evidence).toEqual(again.receipt.evidence);
    }
  }, 180_000);

  it('is inconclusive where the budget ends before every check was settled at a look', async () => {
    const own = await startScriptedServer({ models, tokenizes: false });
    try {
      const short = { ...policy, budget: { promptTokens: 3000 } };
      const result = await runSmall({ baseUrl: own.baseUrl, model: 'even', policy: short });
      expect(result.receipt.evidence.verdict).toBe('inconclusive');
      expect(reasonsOf(result)).toContain('notRun');
      expect(result.receipt.evidence.looks.taken.at(-1)?.complete).toBe(false);
      expect(readLedger(result.files.ledger)).toHaveLength(result.receipt.evidence.budget.planned.trials);
    } finally {
      await own.close();
    }
  });
});
