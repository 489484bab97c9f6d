import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/inference/client.ts';
import { parseMetrics, readQueue } from '../../src/inference/metrics.ts';
import { pickReplica, routeToReplicas } from '../../src/inference/replicas.ts';
import { readServedIdentity, requireAlike } from '../../src/inference/served.ts';
import { type CannedServer, chatRequest, going, sendJson, startCanned } from './canned-server.ts';

const names = ['http://gpu-1/v1', 'http://gpu-2/v1', 'http://gpu-3/v1'];
const keys = Array.from({ length: 300 }, (_, index) => `context ${index}`);

describe('pickReplica', () => {
  it('gives a context the same replica, whatever the order of the replicas', () => {
    fc.assert(
      fc.property(fc.string(), fc.shuffledSubarray(names, { minLength: 3 }), (key, shuffled) => {
        expect(pickReplica(key, shuffled)).toBe(pickReplica(key, names));
      }),
    );
  });

  it('moves only the contexts of a replica that is lost', () => {
    const [lost = '', ...left] = names;
    for (const key of keys) {
      const before = pickReplica(key, names);
      if (before !== lost) expect(pickReplica(key, left)).toBe(before);
    }
  });

  it('gives each of three replicas its share of 300 contexts', () => {
    for (const name of names) {
      const share = keys.filter((key) => pickReplica(key, names) === name).length;
      // Binomial(300, 1/3): five standard deviations are 41.
      expect(Math.abs(share - 100)).toBeLessThan(41);
    }
  });

  it('has nothing to pick from none', () => {
    expect(() => pickReplica('context', [])).toThrow(RangeError);
  });
});

/** A replica whose every way to fail is set by a test. */
interface Stage {
  readonly server: CannedServer;
  readonly asked: string[];
  root: string;
  /** How its chat ends: an answer, an error of this status, or a cut connection. */
  chat: 'answer' | 'reset' | number;
  /** Whether it says what it serves. */
  lists: boolean;
  metrics?: string;
}
const stages: Stage[] = [];
afterEach(async () => {
  for (const { server } of stages.splice(0)) await server.close();
});

async function serve(): Promise<Stage> {
  const asked: string[] = [];
  const server = await startCanned(({ url, body }, response) => {
    if (url === '/v1/models') {
      if (!stage.lists) return void response.socket?.resetAndDestroy();
      const card = { id: 'm', owned_by: 'vllm', root: stage.root, max_model_len: 4096 };
      return sendJson(response, { data: [card] });
    }
    if (url === '/metrics' && stage.metrics !== undefined) return void response.end(stage.metrics);
    if (url !== '/v1/chat/completions') return sendJson(response, { error: 'no' }, 404);
    asked.push(JSON.stringify(body));
    if (stage.chat === 'reset') return void response.socket?.resetAndDestroy();
    if (stage.chat !== 'answer') return sendJson(response, { error: { message: 'no' } }, stage.chat);
    const message = { content: 'Blue.' };
    sendJson(response, { model: 'm', choices: [{ message, finish_reason: 'stop' }] });
  });
  const stage: Stage = { server, asked, root: '/models/a', chat: 'answer', lists: true };
  stages.push(stage);
  return stage;
}

let clock = 0;
async function routed(count: number): Promise<{ client: Client; replicas: Stage[] }> {
  const replicas = await Promise.all(Array.from({ length: count }, serve));
  const servers = await Promise.all(
    replicas.map(async ({ server }) => {
      const client = server.client();
      return { client, served: await readServedIdentity(client, going()) };
    }),
  );
  clock = 0;
  return { client: routeToReplicas({ servers, now: () => clock }), replicas };
}
const ask = (client: Client, contextKey: string) => client.chat({ ...chatRequest, contextKey }, going());
/** The replica to which a context goes, and another. */
async function homeOf(client: Client, replicas: readonly Stage[], key: string) {
  await ask(client, key);
  const home = replicas.find(({ asked }) => asked.length > 0);
  const other = replicas.find((one) => one !== home);
  if (home === undefined || other === undefined) throw new Error('no home');
  home.asked.length = 0;
  return { home, other };
}
describe('several replicas behind one client', () => {
  it('answer each context at one replica', async () => {
    const { client, replicas } = await routed(3);
    for (const key of keys.slice(0, 24)) {
      for (const stage of replicas) stage.asked.length = 0;
      for (let time = 0; time < 3; time += 1) {
        expect(await ask(client, key)).toMatchObject({ kind: 'answer' });
      }
      expect(replicas.map(({ asked }) => asked.length).sort()).toEqual([0, 0, 3]);
    }
  });

  it('move a context when its replica’s connection fails, and bring it back once that serves again', async () => {
    const { client, replicas } = await routed(2);
    const { home, other } = await homeOf(client, replicas, 'context');
    home.chat = 'reset';
    home.lists = false;
    expect(await ask(client, 'context')).toMatchObject({ kind: 'fault', code: 'network', retryable: true });
    expect(await ask(client, 'context')).toMatchObject({ kind: 'answer' });
    expect(other.asked).toHaveLength(1);
    home.chat = 'answer';
    home.lists = true;
    home.asked.length = 0;
    for (let tries = 0; tries < 200 && home.asked.length === 0; tries += 1) {
      clock += 60_000;
      await ask(client, 'context');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(home.asked.length).toBeGreaterThan(0);
  });

  it('leave a replica alone that fails three times in a row, but not one that is merely busy', async () => {
    const { client, replicas } = await routed(2);
    const { home, other } = await homeOf(client, replicas, 'context');
    home.chat = 429;
    for (let time = 0; time < 5; time += 1) await ask(client, 'context');
    expect(home.asked).toHaveLength(5);
    home.chat = 500;
    for (let time = 0; time < 5; time += 1) await ask(client, 'context');
    expect(home.asked).toHaveLength(8);
    expect(other.asked).toHaveLength(2);
  });

  it('tell their metrics together, those that are there and have some', async () => {
    const { client, replicas } = await routed(3);
    expect(await client.read('//metrics', going())).toMatchObject({ kind: 'fault' });
    const [first, , last] = replicas;
    if (first === undefined || last === undefined) throw new Error('no replicas');
    first.metrics = 'vllm:num_requests_running{engine="0"} 3\nvllm:num_requests_waiting{engine="0"} 1';
    last.metrics = 'vllm:num_requests_running{engine="0"} 2\nvllm:num_requests_waiting{engine="0"} 0';
    const told = parseMetrics(String(await client.read('//metrics', going())));
    expect(readQueue(told)).toEqual({ running: 5, waiting: 1 });
  });

  it('take no answer from a replica that came back as another server', async () => {
    const { client, replicas } = await routed(2);
    const { home } = await homeOf(client, replicas, 'context');
    home.chat = 'reset';
    await ask(client, 'context');
    home.chat = 'answer';
    home.root = '/models/b';
    const error = await (async () => {
      for (let time = 0; time < 200; time += 1) {
        try {
          await ask(client, 'context');
        } catch (caught) {
          return caught;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return undefined;
    })();
    expect(error).toMatchObject({ code: 'SERVER_CHANGED', field: 'root' });
    expect(home.asked).toHaveLength(1);
  });
});

describe('the places of several replicas', () => {
  async function placed(count: number) {
    const { client, replicas } = await routed(count);
    const places = await client.places?.(going());
    if (places === undefined) throw new Error('no places');
    /** The replica that is asked for a context. */
    const asked = async (key: string) => {
      for (const stage of replicas) stage.asked.length = 0;
      await ask(client, key);
      return replicas.findIndex((stage) => stage.asked.length > 0);
    };
    return { client, replicas, places, asked };
  }

  it('are as many as there are, and a new context goes to one that has too little to do', async () => {
    const { places, asked } = await placed(3);
    expect(places.count).toBe(3);
    for (const [at, key] of keys.slice(0, 12).entries()) {
      const open = [at % 3];
      expect(places.of(key, open)).toBe(at % 3);
      expect(await asked(key)).toBe(at % 3);
    }
  });

  it('keep what they were given, whoever wants work later', async () => {
    const { places, asked } = await placed(3);
    places.of('context', [2]);
    expect(places.of('context', [0, 1])).toBe(2);
    expect(await asked('context')).toBe(2);
  });

  it('are chosen by rendezvous hashing where several want work', async () => {
    const { client, replicas, places } = await placed(3);
    const addresses = replicas.map(({ server }) => `${server.origin}/v1`);
    expect(client.endpoint.baseUrl).toBe(addresses[0]);
    for (const key of keys.slice(0, 40)) {
      const open = [1, 2];
      const name = pickReplica(
        key,
        open.map((place) => addresses[place] ?? ''),
      );
      expect(addresses[places.of(key, open)]).toBe(name);
    }
  });

  it('hand a lost replica’s contexts to others, give it no new ones, and have them back with it', async () => {
    const { client, replicas, places, asked } = await placed(2);
    const [lost] = replicas;
    if (lost === undefined) throw new Error('no replica');
    places.of('context', [0]);
    lost.chat = 'reset';
    lost.lists = false;
    await ask(client, 'context');
    expect(await asked('context')).toBe(1);
    expect(places.of('context', [0])).toBe(0);
    expect(places.of('new context', [0])).toBe(1);
    lost.chat = 'answer';
    lost.lists = true;
    let home = 1;
    for (let tries = 0; tries < 200 && home !== 0; tries += 1) {
      clock += 60_000;
      home = await asked('context');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(home).toBe(0);
    expect(await asked('new context')).toBe(1);
  });
});

describe('a single server behind a client', () => {
  it('is asked nothing behind a failed connection before it has said again what it serves', async () => {
    const { client, replicas } = await routed(1);
    const [only] = replicas;
    if (only === undefined) throw new Error('no server');
    only.chat = 'reset';
    await ask(client, 'context');
    only.chat = 'answer';
    expect(await ask(client, 'context')).toMatchObject({ kind: 'answer' });
    only.chat = 'reset';
    await ask(client, 'context');
    only.chat = 'answer';
    only.root = '/models/b';
    await expect(ask(client, 'context')).rejects.toMatchObject({ code: 'SERVER_CHANGED', field: 'root' });
    expect(only.asked).toHaveLength(3);
  });

  it('is not sent a prompt while it does not say what it serves', async () => {
    const { client, replicas } = await routed(1);
    const [only] = replicas;
    if (only === undefined) throw new Error('no server');
    only.chat = 'reset';
    await ask(client, 'context');
    only.chat = 'answer';
    only.lists = false;
    expect(await ask(client, 'context')).toMatchObject({ kind: 'fault', retryable: true });
    expect(only.asked).toHaveLength(1);
  });

  it('that is gone gives the connection’s fault, with its cause, and is not sent a prompt', async () => {
    const { client, replicas } = await routed(1);
    const [only] = replicas;
    if (only === undefined) throw new Error('no server');
    await only.server.close();
    const gone = { kind: 'fault', code: 'network', retryable: true };
    expect(await ask(client, 'context')).toMatchObject(gone);
    const detail = 'the connection failed (ECONNREFUSED)';
    expect(await ask(client, 'context')).toMatchObject({ ...gone, detail });
    expect(only.asked).toHaveLength(0);
  });
});

describe('requireAlike', () => {
  const identity = {
    model: 'm',
    root: '/a',
    engine: 'vllm',
    version: '1',
    contextLength: 4096,
    templateSha256: null,
    answersAs: null,
    fingerprint: null,
  };

  it.each([
    ['root', '/b'],
    ['engine', 'sglang'],
    ['version', '2'],
    ['contextLength', 2048],
    ['root', null],
    ['contextLength', null],
  ] as const)('names the %s in which a replica differs (%s)', (field, value) => {
    const where = `--base-url (replica 2 of 2) ${field}`;
    const namedBy = '--base-url (replica 2 of 2)';
    const differ = expect.objectContaining({
      code: 'REPLICAS_DIFFER',
      complaints: [expect.objectContaining({ where })],
    });
    const other = { ...identity, [field]: value };
    expect(() => requireAlike(identity, other, namedBy)).toThrow(differ);
    expect(() => requireAlike(other, identity, namedBy)).toThrow(differ);
  });

  it('takes replicas that say the same', () => {
    requireAlike(identity, { ...identity }, '--base-url (replica 2 of 2)');
  });
});
