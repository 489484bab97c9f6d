import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { sendJson, startCanned } from '../inference/canned-server.ts';
import { gateRequest, modelErrorOf, runSmall } from './small-gate.ts';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function serve(): Promise<ScriptedServer> {
  const server = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.03 }], salt: 'one' });
  servers.push(server);
  return server;
}
const body = z.object({ messages: z.array(z.object({ content: z.string() })), seed: z.number() });
/** The contexts that a server was asked in: all but the last message. */
const contextsAt = ({ requests }: ScriptedServer) =>
  requests
    .filter(({ path }) => path === '/v1/chat/completions')
    .map((request) => JSON.stringify(body.parse(request.body).messages.slice(0, -1)));
const withRetries = { inference: { maxConcurrency: 8, timeoutSeconds: 5, retries: 6 } };
const chats = '/v1/chat/completions';

describe('a run on two replicas', () => {
  it('asks each context at one of them, and ends with the evidence of a run on one', async () => {
    const [one, two] = [await serve(), await serve()];
    const at = { now: () => new Date('2026-06-01T00:00:00Z') };
    const both = await runSmall({ ...at, baseUrl: `${one.baseUrl} ${two.baseUrl}` });
    const [left, right] = [contextsAt(one), contextsAt(two)];
    expect(left.length + right.length).toBe(112);
    expect(Math.min(left.length, right.length)).toBeGreaterThan(0);
    // The prompts without demonstrations have an empty context in common, which each draw may send elsewhere.
    expect(left.filter((context) => context !== '[]' && right.includes(context))).toEqual([]);
    const single = await runSmall({ ...at, baseUrl: one.baseUrl });
    expect(both.receipt.evidence.conditions).toEqual(single.receipt.evidence.conditions);
    expect(both.receipt.evidence.verdict).toBe('pass');
  });

  it('goes on at the other one when the connections of one fail', async () => {
    const [one, two] = [await serve(), await serve()];
    two.setFault(({ path }) => (path === chats ? { kind: 'reset' } : null));
    const { receipt } = await runSmall({ baseUrl: `${one.baseUrl},${two.baseUrl}`, policy: withRetries });
    expect(receipt.evidence.verdict).toBe('pass');
    expect(new Set(contextsAt(one)).size).toBeGreaterThan(0);
    expect(receipt.run.retries).toBeGreaterThan(0);
  });

  it('ends with an error that names the replica which became another server, for good', async () => {
    const [one, two] = [await serve(), await serve()];
    const request = gateRequest({ baseUrl: `${one.baseUrl},${two.baseUrl}` });
    two.setIdentityChange({ model: 'strict', fromNth: 5, root: '/models/other' });
    const error = await modelErrorOf(runSmall(request));
    expect(error).toMatchObject({ code: 'SERVER_CHANGED' });
    expect(error.message).toContain('--base-url (replica 2 of 2) root');
    two.setIdentityChange(null);
    await expect(runSmall(request)).rejects.toMatchObject({ code: 'STATE_SPOILED' });
  });
});

describe('a server that takes nothing', () => {
  it('ends the run after sixteen refusals, with what the last one said', async () => {
    const server = await startCanned(({ url }, response) => {
      if (url === '/v1/models') sendJson(response, { data: [{ id: 'strict' }] });
      else sendJson(response, { error: { message: 'no' } }, url === chats ? 400 : 404);
    });
    const error = await modelErrorOf(runSmall({ baseUrl: `${server.origin}/v1` }));
    await server.close();
    expect(error).toMatchObject({ code: 'REQUEST_REFUSED' });
    expect(error.message).toMatch(/16 refusals in a row, the last one HTTP 400/);
    // Those in flight at the sixteenth still end.
    expect(server.requests.filter(({ url }) => url === chats).length).toBeLessThan(16 + 8);
  });

  it('that dies is named with the cause of its connections’ failure', async () => {
    const server = await serve();
    let died: Promise<void> | undefined;
    server.setFault(({ path, nth }) => {
      if (path !== chats || nth < 30) return null;
      died ??= server.close();
      return { kind: 'reset' };
    });
    const error = await modelErrorOf(runSmall({ baseUrl: server.baseUrl }));
    await died;
    servers.length = 0;
    expect(error).toMatchObject({ code: 'OUTAGE' });
    expect(error.message).toMatch(
      /the last one: the connection failed \((ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET)\)/,
    );
  });
});
