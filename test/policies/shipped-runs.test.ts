import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/config/log.ts';
import { planSuite } from '../../src/run/plan-suite.ts';
import { runGate } from '../../src/run/run-gate.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';

const quick = join(import.meta.dirname, '..', '..', 'policies', 'quick.yml');

let folder: string;
let server: ScriptedServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mixgate-shipped-'));
  server = await startScriptedServer({ models: [{ id: 'm', rule: () => 0.1 }], judge: { id: 'wildguard' } });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('policies/quick.yml', () => {
  it('runs as it ships: what was planned is sent, and placeholders decide nothing', async () => {
    const plan = await planSuite({
      policyPath: quick,
      server: { baseUrl: server.baseUrl, model: 'm', apiKey: undefined },
    });
    const { receipt } = await runGate(
      {
        policyPath: quick,
        baseUrl: server.baseUrl,
        model: 'm',
        judgeBaseUrl: server.baseUrl,
        judgeModel: 'wildguard',
        outDir: join(folder, 'out'),
        stateDir: join(folder, 'state'),
        attempt: 1,
        github: null,
      },
      { now: () => new Date(), log: silentLog, signal: new AbortController().signal },
    );
    const { evidence, run } = receipt;
    expect(run.checks).toBeGreaterThanOrEqual(5);
    expect(run.requests - run.retries - run.checks).toBe(plan.requests);
    // Two canaries of each label are shown to the judge before the first trial.
    expect(run.judgeRequests).toBe(plan.judgeRequests + 4);
    expect(Math.abs(run.promptTokens / plan.promptTokens.sent - 1)).toBeLessThan(0.03);
    expect(run.planned?.promptTokens).toMatchObject({ sent: plan.promptTokens.sent, counts: 'exact' });
    expect(evidence.verdict).toBe('inconclusive');
    expect(evidence.reasons.map(({ code }) => code)).toContain('redactedQueries');
    expect(evidence.conditions.map(({ compliance, refusal }) => compliance + refusal)).toEqual(
      evidence.conditions.map(({ planned }) => planned),
    );
  });
});
