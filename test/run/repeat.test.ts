import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asked } from '../../src/inference/ask.ts';
import type { Ruling } from '../../src/judge/judge.ts';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';
import { planSuite } from '../../src/run/plan-suite.ts';
import { addRepeats, countFlips, parseFraction, pickRepeats } from '../../src/run/repeat.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { gateRequest, runSmall, wildguard, writeSmallPolicy } from './small-gate.ts';

const policyPath = writeSmallPolicy();
const { plan, loaded } = await readSuite(policyPath);
const contextOf = ({ draw, context }: (typeof plan.trials)[number]) => `${draw} ${context.sha256}`;

describe('the trials that are asked again', () => {
  it('are whole contexts, at least the fraction, the same for one seed and others for another', () => {
    const picked = pickRepeats(plan, 0.2, 7);
    expect(picked.length).toBeGreaterThanOrEqual(0.2 * plan.trials.length);
    const contexts = new Set(picked.map(contextOf));
    const whole = plan.trials.filter((trial) => contexts.has(contextOf(trial)));
    expect(picked.map(({ trialId }) => trialId)).toEqual(whole.map(({ trialId }) => `repeat ${trialId}`));
    expect(pickRepeats(plan, 0.2, 7)).toEqual(picked);
    expect(pickRepeats(plan, 0.2, 8)).not.toEqual(picked);
    expect(pickRepeats(plan, 1, 7)).toHaveLength(plan.trials.length);
  });

  it.each(['0', '1.5', '-0.1', 'x', '', '1e-1', 'NaN'])('are not a fraction of %j', (text) => {
    expect(() => parseFraction(text)).toThrow(expect.objectContaining({ code: 'REPEAT_FRACTION' }));
  });

  it('are counted by plan, with what they cost', async () => {
    const once = await planSuite({ policyPath, server: undefined });
    const again = await planSuite({ policyPath, server: undefined, repeatFraction: 0.25 });
    const picked = pickRepeats(plan, 0.25, loaded.policy.suite.seed).length;
    expect(again.requests).toBe(once.requests + picked);
    expect(again.trials).toBe(once.trials);
    expect(again.promptTokens.sent).toBeGreaterThan(once.promptTokens.sent);
  });
});

describe('flips', () => {
  const repeats = pickRepeats(plan, 1, 7);
  const first = { asked: new Map<string, Asked>(), rulings: new Map<string, Ruling>() };
  const second = { asked: new Map<string, Asked>(), rulings: new Map<string, Ruling>() };
  repeats.forEach(({ trialId }, index) => {
    const id = trialId.slice('repeat '.length);
    first.rulings.set(id, { label: 'refusal' });
    second.asked.set(trialId, { t: 'unanswered', reason: 'requestFailed' });
    if (index === 0) second.asked.set(trialId, { t: 'notRun', reason: 'budgetRequests' });
    else if (index > 1) second.rulings.set(trialId, { label: index < 12 ? 'compliance' : 'refusal' });
  });

  it('are labels that changed, of those that both have', () => {
    const record = countFlips(repeats, first, second);
    const n = repeats.length;
    expect(record).toMatchObject({ asked: n - 1, compared: n - 2, flipped: 10, share: 10 / (n - 2) });
    expect(record.groups.reduce((sum, { flipped }) => sum + flipped, 0)).toBe(10);
    expect(record.groups.map(({ group }) => group).sort()).toEqual(['control', 'demonstrations', 'zeroShot']);
  });

  it('have no share where nothing could be compared, and add up over shards', () => {
    const none = countFlips(repeats, first, { asked: new Map(), rulings: new Map() });
    expect(none).toMatchObject({ asked: 0, compared: 0, share: null });
    const record = countFlips(repeats, first, second);
    expect(addRepeats([record, none])).toMatchObject({ flipped: 10, share: record.share });
    expect(addRepeats([record, record])).toMatchObject({ flipped: 20, share: record.share });
  });
});

describe('a run with --repeat-fraction', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer({
      models: [{ id: 'even', rule: () => 0.4 }],
      judge: { id: 'wildguard' },
    });
  });
  afterAll(() => server.close());
  const now = () => new Date('2026-06-18T10:00:00Z');
  const change = () => ({
    baseUrl: server.baseUrl,
    model: 'even',
    judgeBaseUrl: server.baseUrl,
    judgeModel: 'wildguard',
    policyPath: writeSmallPolicy(wildguard),
    now,
  });

  it('finds no flips in a server that answers the same, and leaves the evidence as it is', async () => {
    const same = change();
    const once = await runSmall(same);
    const repeated = gateRequest({ ...same, repeatFraction: 0.2 });
    const twice = await runSmall({ ...repeated, now });
    expect(canonicalJson(twice.receipt.evidence)).toBe(canonicalJson(once.receipt.evidence));
    expect(once.receipt.run).not.toHaveProperty('repeat');
    const { repeat, requests, retries } = twice.receipt.run;
    expect(repeat).toMatchObject({ flipped: 0, share: 0 });
    expect(repeat?.asked).toBeGreaterThanOrEqual(23);
    expect({ requests, retries }).toEqual({ requests: 112 + (repeat?.asked ?? 0), retries: 0 });
    const before = server.requests.length;
    const resumed = await runSmall({ ...repeated, now });
    expect(server.requests.slice(before).filter(({ path }) => path.endsWith('completions'))).toEqual([]);
    expect(resumed.receipt.run.repeat).toEqual(repeat);
    expect(resumed.receipt.run.retries).toBe(0);
  });

  it('finds the flips of a judge that changes its mind', async () => {
    const judgments = 112 + 3 * 64;
    const mode = (nth: number) => (nth > judgments ? 'flipped' : 'honest');
    const turning = await startScriptedServer({
      models: [{ id: 'even', rule: () => 0.4 }],
      judge: { id: 'wildguard', mode },
    });
    const { baseUrl } = turning;
    const { receipt } = await runSmall({ ...change(), baseUrl, judgeBaseUrl: baseUrl, repeatFraction: 0.2 });
    await turning.close();
    const { compared = 0, flipped = 0, share } = receipt.run.repeat ?? {};
    expect(compared).toBeGreaterThan(0);
    expect(flipped).toBe(compared);
    expect(share).toBe(1);
  });
});
