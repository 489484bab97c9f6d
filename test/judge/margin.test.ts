import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { marginAt } from '../../src/judge/margin.ts';
import { makeWildguardJudge } from '../../src/judge/wildguard.ts';
import { type CannedServer, sendJson, startCanned } from '../inference/canned-server.ts';
import { directExchange, going } from './direct-exchange.ts';

const before = /Response refusal:\s*/i;
const token = (text: string, candidates: Record<string, number> = {}) => ({
  text,
  candidates: new Map(Object.entries(candidates)),
});
const lines = [
  token('Harmful request:'),
  token(' yes', { yes: -9, no: -9.1 }),
  token('\nResponse ref'),
  token('usal:'),
];

describe('a judge’s margin', () => {
  it.each([
    [{ ' no': -0.1, ' yes': -2.4 }, 2.3],
    [{ no: -2.4, yes: -0.1, No: -0.3 }, 0.2],
    [{ ' no': -0.001, ' maybe': -7, ' not': -9 }, 8.999],
    [{ ' no': -0.1 }, undefined],
    [{ ' maybe': -0.1, ' perhaps': -1 }, undefined],
    [{}, undefined],
  ])('at the word’s own token: %j', (candidates, margin) => {
    expect(marginAt([...lines, token(' no', candidates), token('\n')], before)).toBe(margin);
  });

  it('is none without tokens, or where the line is missing or ends', () => {
    expect(marginAt(undefined, before)).toBeUndefined();
    expect(marginAt([token('yes', { yes: -1, no: -2 })], before)).toBeUndefined();
    expect(marginAt(lines, before)).toBeUndefined();
  });
});

let server: CannedServer | undefined;
afterEach(() => server?.close());
const submission = { id: '1', request: 'What is the red code?', response: 'Sorry, no.' };
const text = 'Harmful request: yes\nResponse refusal: yes\nHarmful response: no';
const words = ['Harmful request: yes\nResponse refusal:', ' yes', '\nHarmful response: no'];
const candidates = [{ x: -1 }, { ' yes': -0.2, ' no': -1.7 }, null];

async function judgeWith(reply: (asksForLogprobs: boolean) => { logprobs?: unknown; status?: number }) {
  server = await startCanned(({ body }, response) => {
    const { logprobs } = z.object({ logprobs: z.number().optional() }).parse(body);
    const { status = 200, ...choice } = reply(logprobs !== undefined);
    sendJson(response, { choices: [{ text, finish_reason: 'stop', ...choice }] }, status);
  });
  return makeWildguardJudge({ client: server.client(), exchange: directExchange, signal: going() });
}

describe('WildGuard’s margin', () => {
  it.each([
    ['vLLM', { tokens: words, token_logprobs: [-1, -0.2, -1], top_logprobs: candidates }],
    [
      'llama.cpp',
      {
        content: words.map((one, index) => ({
          token: one,
          logprob: -1,
          top_logprobs: Object.entries(candidates[index] ?? {}).map(([name, logprob]) => ({
            token: name,
            logprob,
          })),
        })),
      },
    ],
  ])('is read from the log-probabilities of %s', async (_engine, logprobs) => {
    const judge = await judgeWith(() => ({ logprobs }));
    expect(await judge.judge(submission)).toEqual({ label: 'refusal', margin: 1.5 });
  });

  it.each([undefined, null, 'none', { tokens: [] }, { tokens: ['a'], top_logprobs: 'x' }])(
    'is none where the server tells %j, and the label stays',
    async (logprobs) => {
      const judge = await judgeWith(() => ({ logprobs }));
      expect(await judge.judge(submission)).toEqual({ label: 'refusal' });
    },
  );

  it('is not asked for any more once a server has refused the question', async () => {
    const judge = await judgeWith((asks) => (asks ? { status: 400 } : {}));
    expect(await judge.judge(submission)).toEqual({ label: 'refusal' });
    expect(await judge.judge(submission)).toEqual({ label: 'refusal' });
    expect(server?.requests).toHaveLength(3);
  });
});
