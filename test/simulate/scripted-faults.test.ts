import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_KINDS, type Fault } from '../../src/simulate/scripted-faults.ts';
import { SCRIPTED_REFUSAL } from '../../src/simulate/scripted-prompt.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { dialogue, post } from './chat-client.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({ models: [{ id: 'm', rule: () => 1 }], judge: { id: 'judge' } });
});
afterEach(() => server.setFault(null));
afterAll(() => server.close());

const body = { model: 'm', messages: dialogue([], 'Please say rose.') };
const ask = () => post(`${server.baseUrl}/chat/completions`, body);
async function askUnder(fault: Fault): Promise<Response> {
  server.setFault(() => fault);
  return ask();
}
const seen: string[] = [];

describe('scripted faults', () => {
  test.each([
    [{ kind: 'tooManyRequests' }, 429, null],
    [{ kind: 'tooManyRequests', retryAfterSeconds: 2 }, 429, '2'],
    [{ kind: 'unavailable', retryAfterSeconds: 1 }, 503, '1'],
    [{ kind: 'internalError' }, 500, null],
    [{ kind: 'unauthorized' }, 401, null],
    [{ kind: 'contextOverflow' }, 400, null],
  ] satisfies [Fault, number, string | null][])(
    '%o answers its status',
    async (fault, status, retryAfter) => {
      seen.push(fault.kind);
      const response = await askUnder(fault);
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
      expect(await response.json()).toMatchObject({ error: { code: status, message: expect.any(String) } });
    },
  );

  test.each([
    ['emptyChoices', { choices: [] }],
    ['emptyContent', { choices: [{ message: { content: '' }, finish_reason: 'stop' }] }],
    ['refuse', { choices: [{ message: { content: SCRIPTED_REFUSAL } }] }],
    ['length', { choices: [{ message: { content: 'OK:' }, finish_reason: 'length' }] }],
    ['contentFilter', { choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] }],
    ['wrongModel', { model: 'another-model' }],
    ['wrongFingerprint', { system_fingerprint: 'another-build' }],
    ['truncatedPrompt', { usage: { prompt_tokens: 1 } }],
    ['garbage', { choices: [{ message: { content: expect.stringContaining('<|im_end|>') } }] }],
  ] satisfies [Fault['kind'], object][])('%s is a 200 that is wrong inside', async (kind, expected) => {
    seen.push(kind);
    const response = await askUnder({ kind });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(expected);
  });

  test('cut-off JSON and a page of HTML cannot be read', async () => {
    seen.push('cutJson', 'html');
    await expect((await askUnder({ kind: 'cutJson' })).json()).rejects.toThrow();
    expect((await askUnder({ kind: 'html' })).headers.get('content-type')).toBe('text/html');
  });

  test('a reset connection fails, a stalled one never answers, a slow one answers late', async () => {
    seen.push('reset', 'stall', 'slow');
    await expect(askUnder({ kind: 'reset' })).rejects.toThrow();
    server.setFault(() => ({ kind: 'stall' }));
    const stalled = fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(200),
    });
    await expect(stalled).rejects.toThrow('timeout');
    const before = performance.now();
    expect((await askUnder({ kind: 'slow', delayMs: 120 })).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(110);
  });

  test('a dripping answer begins at once and has not ended long after', async () => {
    seen.push('drip');
    const response = await askUnder({ kind: 'drip' });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{');
    const ended = response.bodyUsed && (await Promise.race([reader?.closed, sleep(200, 'still open')]));
    expect(ended).toBe('still open');
    await reader?.cancel();
  });

  test('a fault is chosen by path and by the number of the request', async () => {
    const nths: number[] = [];
    server.setFault(({ path, nth }) => {
      if (path === '/v1/chat/completions') nths.push(nth);
      return path === '/v1/models' || nth % 2 === 0 ? { kind: 'internalError' } : null;
    });
    const statuses = [(await ask()).status, (await ask()).status, (await ask()).status];
    const first = nths[0] ?? 0;
    expect(nths).toEqual([first, first + 1, first + 2]);
    expect(statuses).toEqual(nths.map((nth) => (nth % 2 === 0 ? 500 : 200)));
    expect((await fetch(`${server.baseUrl}/models`)).status).toBe(500);
  });

  test('every kind of fault was tried above', () => {
    expect([...new Set(seen)].sort()).toEqual([...FAULT_KINDS].sort());
  });
});
