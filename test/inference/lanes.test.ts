import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/inference/client.ts';
import { type Engine, profileOf } from '../../src/inference/engine.ts';
import { countRanks, LanePins, type Lanes, readLanes } from '../../src/inference/lanes.ts';
import { routeToReplicas } from '../../src/inference/replicas.ts';
import { readServedIdentity } from '../../src/inference/served.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const running = (...ranks: (number | string)[]) =>
  ranks.map((rank) => `vllm:num_requests_running{engine="${rank}",model_name="m"} 1.0\n`).join('');

describe('what a server tells of its lanes', () => {
  it.each<[string, unknown, number]>([
    ['one line', running(0), 1],
    ['a line for each of four', running(0, 1, 2, 3), 4],
    ['labels in another order', `vllm:num_requests_running{model_name="m",engine="1"} 0\n${running(0)}`, 2],
    ['lines of a part of them alone', running(2, 3), 1],
    ['no label', 'vllm:num_requests_running 1\n', 1],
    ['nothing', undefined, 1],
    ['a fault', { kind: 'fault' }, 1],
  ])('%s: ranks', (_what, metrics, count) => {
    expect(countRanks(metrics)).toBe(count);
  });

  async function lanesOf(engine: Engine, answers: Readonly<Record<string, unknown>>) {
    const server = await startCanned(({ url }, response) => {
      const told = answers[url];
      if (typeof told === 'string') response.writeHead(200, { 'content-type': 'text/plain' }).end(told);
      else sendJson(response, told ?? {}, told === undefined ? 404 : 200);
    });
    closing.push(server.close);
    const endpoint = { baseUrl: `${server.origin}/v1`, model: 'm', apiKey: undefined, timeoutMs: 2000 };
    const manner = { profile: profileOf(engine), preset: undefined };
    return readLanes(connect({ ...endpoint, namedBy: '--base-url' }, manner), going());
  }

  it.each<[Engine, Readonly<Record<string, unknown>>, Lanes | undefined]>([
    ['llamacpp', { '/props': { total_slots: 4 } }, { kind: 'slots', count: 4 }],
    ['llamacpp', { '/props': { total_slots: 1 } }, undefined],
    ['llamacpp', { '/props': { total_slots: 'four' } }, undefined],
    ['llamacpp', {}, undefined],
    ['vllm', { '/metrics': running(0, 1) }, { kind: 'ranks', count: 2 }],
    ['vllm', {}, undefined],
    ['sglang', { '/metrics': running(0, 1) }, undefined],
  ])('%s with %j', async (engine, answers, lanes) => {
    expect(await lanesOf(engine, answers)).toEqual(lanes);
  });
});

describe('pins', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const steps = fc.array(fc.record({ key, ends: fc.boolean() }), { maxLength: 60 });

  it('give a slot to one request at a time, and leave the choice to the server only where all are at work', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, (count, walk) => {
        const pins = new LanePins({ kind: 'slots', count });
        const open: number[] = [];
        for (const step of walk) {
          const lane = pins.take(step.key);
          if (lane === undefined) expect(new Set(open).size).toBe(count);
          else {
            expect(lane).toBeLessThan(count);
            expect(open).not.toContain(lane);
            open.push(lane);
          }
          const ended = step.ends ? open.shift() : undefined;
          if (ended !== undefined) pins.giveBack(ended);
        }
      }),
    );
  });

  it('give a key always the same rank', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), steps, (count, walk) => {
        const pins = new LanePins({ kind: 'ranks', count });
        const first = new Map<string, number>();
        const open: number[] = [];
        for (const step of walk) {
          const lane = pins.take(step.key) ?? -1;
          expect(lane).toBe(first.get(step.key) ?? lane);
          first.set(step.key, lane);
          open.push(lane);
          while (open.length > 6) pins.giveBack(open.shift() ?? -1);
        }
      }),
    );
  });

  it('send a key back to its slot while nothing else was there', () => {
    const pins = new LanePins({ kind: 'slots', count: 2 });
    const use = (name: string) => {
      const lane = pins.take(name);
      if (lane !== undefined) pins.giveBack(lane);
      return lane;
    };
    expect(['a', 'b', 'a', 'b'].map(use)).toEqual([0, 1, 0, 1]);
    // The one that rested longest makes room.
    expect(['c', 'b', 'a'].map(use)).toEqual([0, 1, 0]);
  });

  it('give a key the rank that was chosen for it, where there is such a one', () => {
    const pins = new LanePins({ kind: 'ranks', count: 3 });
    expect([pins.take('a', 2), pins.take('b', 2), pins.take('a')]).toEqual([2, 2, 2]);
    expect(pins.take('c', 3)).toBe(0);
  });

  it('spread keys over the ranks by what is under way', () => {
    const pins = new LanePins({ kind: 'ranks', count: 3 });
    expect(['a', 'b', 'c', 'a', 'd'].map((name) => pins.take(name))).toEqual([0, 1, 2, 0, 1]);
  });
});

/** What one request to a server of this engine with these lanes holds. */
async function requestOf(
  engine: Engine,
  path: string,
  told: unknown,
  chosen: Readonly<Record<string, number>> = {},
): Promise<CannedServer['requests']> {
  const reply = { model: 'm', choices: [{ finish_reason: 'stop', message: { content: 'yes' } }] };
  const server = await startCanned(({ url }, response) => {
    if (url === '/v1/models') sendJson(response, { data: [{ id: 'm', root: '/m' }] });
    else if (url === path && typeof told === 'string') response.end(told);
    else
      sendJson(
        response,
        url === path ? told : reply,
        url.endsWith('completions') || url === path ? 200 : 404,
      );
  });
  closing.push(server.close);
  const endpoint = { baseUrl: `${server.origin}/v1`, model: 'm', apiKey: undefined, timeoutMs: 2000 };
  const client = connect(
    { ...endpoint, namedBy: '--base-url' },
    { profile: profileOf(engine), preset: undefined },
  );
  const served = await readServedIdentity(client, going());
  const routed = routeToReplicas({ servers: [{ client, served }], now: () => 0 });
  const places = await routed.places?.(going());
  for (const [contextKey, rank] of Object.entries(chosen)) places?.of(contextKey, [rank]);
  for (const contextKey of ['one', 'two', 'one']) await routed.chat({ ...chatRequest, contextKey }, going());
  await routed.chat(chatRequest, going());
  return server.requests.filter(({ url }) => url.endsWith('completions'));
}

describe('a pinned request', () => {
  const slotsOf = (requests: CannedServer['requests']) =>
    requests.map(({ body }) => (typeof body === 'object' && body && 'id_slot' in body ? body.id_slot : null));
  const ranksOf = (requests: CannedServer['requests']) =>
    requests.map(({ headers }) => headers['x-data-parallel-rank'] ?? null);

  it('names the slot to llama.cpp, and nothing where it has one', async () => {
    const several = await requestOf('llamacpp', '/props', { total_slots: 2 });
    expect(slotsOf(several)).toEqual([0, 1, 0, null]);
    expect(ranksOf(several)).toEqual([null, null, null, null]);
    expect(slotsOf(await requestOf('llamacpp', '/props', { total_slots: 1 }))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('names the rank to vLLM, and nothing where it has one', async () => {
    const several = await requestOf('vllm', '/metrics', running(0, 1));
    expect(ranksOf(several)).toEqual(['0', '1', '0', null]);
    expect(slotsOf(several)).toEqual([null, null, null, null]);
    expect(ranksOf(await requestOf('vllm', '/metrics', running(0)))).toEqual([null, null, null, null]);
  });

  it('names the rank that the order of trials has chosen', async () => {
    const chosen = { one: 2, two: 1 };
    const several = await requestOf('vllm', '/metrics', running(0, 1, 2), chosen);
    expect(ranksOf(several)).toEqual(['2', '1', '2', null]);
  });
});
