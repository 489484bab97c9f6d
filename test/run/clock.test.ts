import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { runSmall, wildguard, writeSmallPolicy } from './small-gate.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({
    models: [{ id: 'even', rule: () => 0.4 }],
    judge: { id: 'wildguard' },
  });
});
afterAll(() => server.close());

const start = Date.parse('2026-06-18T10:00:00Z');
const hour = 3_600_000;

describe('a clock that is set while a run goes on', () => {
  it.each([
    ['forwards', (calls: number) => (calls > 40 ? 30 * hour : 0)],
    ['back', (calls: number) => (calls > 40 ? -30 * hour : 0)],
    ['to and fro', (calls: number) => (calls === 1 ? 0 : (calls % 7) * hour - 3 * hour)],
  ])('%s ends no budget and changes no evidence', async (_how, offset) => {
    const change = {
      baseUrl: server.baseUrl,
      model: 'even',
      judgeBaseUrl: server.baseUrl,
      judgeModel: 'wildguard',
      policyPath: writeSmallPolicy({ ...wildguard, budget: { minutes: 5 } }),
    };
    const steady = await runSmall({ ...change, now: () => new Date(start) });
    let calls = 0;
    const set = await runSmall({
      ...change,
      now: () => {
        calls += 1;
        return new Date(start + offset(calls));
      },
    });
    expect(calls).toBeGreaterThan(200);
    expect(canonicalJson(set.receipt.evidence)).toBe(canonicalJson(steady.receipt.evidence));
    expect(set.receipt.run.minutes).toBeGreaterThan(0);
    expect(set.receipt.run.minutes).toBeLessThan(5);
  });
});
