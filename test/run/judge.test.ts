import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JudgeMode } from '../../src/simulate/scripted-judge.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { gateRequest, modelErrorOf, outcomesOf, reasonsOf, runSmall, wildguard } from './small-gate.ts';

let server: ScriptedServer;
let judge: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer({
    models: [
      { id: 'strict', rule: () => 0.03 },
      { id: 'alias', rule: () => 0.03, root: '/models/strict' },
    ],
    judge: { id: 'judge-beside' },
  });
  judge = await startScriptedServer({ models: [], judge: { id: 'wildguard' } });
});
afterEach(async () => {
  await server.close();
  await judge.close();
});

const run = (
  change: { policy?: object; judgeBaseUrl?: string; judgeModel?: string; judgeApiKey?: string } = {},
) =>
  runSmall({
    baseUrl: server.baseUrl,
    judgeBaseUrl: judge.baseUrl,
    judgeModel: 'wildguard',
    ...change,
    policy: { ...wildguard, ...change.policy },
  });
const judged = ({ requests }: ScriptedServer) =>
  requests.filter(({ path }) => path === '/v1/completions').length;
const canaries = 64;
const trials = 112;

describe('a WildGuard judge', () => {
  it('judges every answer once, and the canaries before, between and after', async () => {
    const { receipt } = await run();
    expect(receipt.evidence.verdict).toBe('pass');
    expect(judged(judge)).toBe(trials + 3 * canaries);
    expect(receipt.evidence.judge).toMatchObject({
      kind: 'wildguard',
      served: { model: 'wildguard', root: '/models/wildguard' },
      canaries: { canaries, judged: canaries, agreed: canaries, unreadable: 0, kappa: 1 },
    });
    expect(receipt.run.judgeRequests).toBe(trials + 3 * canaries);
  });

  it('may be served beside the candidate under a name of its own', async () => {
    const { receipt } = await run({ judgeBaseUrl: server.baseUrl, judgeModel: 'judge-beside' });
    expect(receipt.evidence.verdict).toBe('pass');
  });

  it('that cannot be read gives no verdict', async () => {
    judge.setJudgeMode(() => 'unreadable');
    const result = await run();
    expect(result.receipt.evidence.verdict).toBe('inconclusive');
    expect(reasonsOf(result)).toEqual(expect.arrayContaining(['unscored', 'judgeUnfit']));
    expect(outcomesOf(result)).toEqual({ 'unscored judgeUnreadable': trials });
  });

  it.each<[string, (nth: number) => JudgeMode]>([
    ['says the opposite', () => 'flipped'],
    ['says the opposite from the first answer on', (nth) => (nth > canaries ? 'flipped' : 'honest')],
    ['says the opposite from the middle on', (nth) => (nth > canaries + trials / 2 ? 'flipped' : 'honest')],
    ['can no longer be read at the end', (nth) => (nth > canaries + trials ? 'unreadable' : 'honest')],
  ])('that %s is found by the canaries and gives no verdict', async (_what, mode) => {
    judge.setJudgeMode(mode);
    const result = await run();
    expect(result.receipt.evidence.verdict).toBe('inconclusive');
    expect(reasonsOf(result)).toContain('judgeUnfit');
  });

  it('that fails on everything ends the run with an error that names it', async () => {
    judge.setJudgeMode(() => 'failing');
    const error = await modelErrorOf(run());
    expect(error).toMatchObject({ code: 'OUTAGE', complaints: [{ where: '--judge-base-url' }] });
  });

  it('that is gone for the last answers ends the run, and they are judged when it is back', async () => {
    const request = gateRequest({
      baseUrl: server.baseUrl,
      judgeBaseUrl: judge.baseUrl,
      judgeModel: 'wildguard',
      policy: wildguard,
    });
    judge.setJudgeMode((nth) => (nth > canaries + trials - 5 ? 'failing' : 'honest'));
    expect(await modelErrorOf(runSmall(request))).toMatchObject({ code: 'OUTAGE' });
    judge.setJudgeMode(() => 'honest');
    const result = await runSmall(request);
    expect(result.receipt.evidence.verdict).toBe('pass');
    expect(outcomesOf(result)).not.toHaveProperty('unscored judgeFailed');
  });

  it('that fails on a few answers leaves them unscored, and enough of them no verdict', async () => {
    judge.setJudgeMode((nth) => (nth % 9 === 0 ? 'failing' : 'honest'));
    const result = await run();
    expect(result.receipt.evidence.verdict).toBe('inconclusive');
    expect(outcomesOf(result)['unscored judgeFailed']).toBeGreaterThan(8);
  });

  it('whose server is replaced during the run is an error', async () => {
    let lists = 0;
    const replaced = await startScriptedServer({
      models: [{ id: 'wildguard', rule: () => 0 }],
      judge: { id: 'wildguard' },
    });
    replaced.setFault(({ path }) => {
      if (path === '/v1/models' && ++lists === 2) {
        replaced.setIdentityChange({ model: 'wildguard', fromNth: 0, root: '/models/other' });
      }
      return null;
    });
    const error = await modelErrorOf(run({ judgeBaseUrl: replaced.baseUrl })).finally(replaced.close);
    expect(error).toMatchObject({
      code: 'SERVER_CHANGED',
      message: expect.stringContaining('--judge-base-url root'),
    });
  });
});

describe('a judge that is not there', () => {
  it.each([
    ['--judge-base-url', { judgeBaseUrl: undefined }],
    ['--judge-model', { judgeModel: undefined }],
  ])('is an error that names %s, before the candidate is asked anything', async (flag, change) => {
    const request = {
      baseUrl: server.baseUrl,
      judgeBaseUrl: judge.baseUrl,
      judgeModel: 'wildguard',
      policy: wildguard,
    };
    await expect(runSmall({ ...request, ...change })).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'JUDGE_MISSING',
      message: expect.stringContaining(flag),
    });
    expect(server.requests).toEqual([]);
  });

  it('is an error where the model is not served there', async () => {
    expect(await modelErrorOf(run({ judgeModel: 'wildguards' }))).toMatchObject({
      code: 'MODEL_NOT_SERVED',
      message: '--judge-base-url model: expected one of the served names: "wildguard", got "wildguards"',
    });
  });

  it('is an error where nobody listens', async () => {
    await judge.close();
    expect(await modelErrorOf(run())).toMatchObject({
      code: 'UNREACHABLE',
      complaints: [{ where: '--judge-base-url' }],
    });
  });
});

describe('a candidate that would judge itself', () => {
  it.each<[string, (baseUrl: string) => { judgeBaseUrl: string; judgeModel: string }]>([
    ['by address and name', (judgeBaseUrl) => ({ judgeBaseUrl, judgeModel: 'strict' })],
    ['with a slash at the end', (url) => ({ judgeBaseUrl: `${url}/`, judgeModel: 'strict' })],
    ['without /v1', (url) => ({ judgeBaseUrl: url.replace('/v1', ''), judgeModel: 'strict' })],
    [
      'as localhost',
      (url) => ({ judgeBaseUrl: url.replace('127.0.0.1', 'LOCALHOST'), judgeModel: 'strict' }),
    ],
    ['under another name for the same weights', (judgeBaseUrl) => ({ judgeBaseUrl, judgeModel: 'alias' })],
  ])('is refused: %s', async (_how, change) => {
    await expect(run(change(server.baseUrl))).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'JUDGE_IS_CANDIDATE',
    });
  });
});
