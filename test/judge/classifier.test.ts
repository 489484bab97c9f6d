import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { makeClassifierJudge, parseClassifier } from '../../src/judge/classifier.ts';
import { type CannedServer, sendJson, startCanned } from '../inference/canned-server.ts';
import { directExchange, going } from './direct-exchange.ts';

const names = { compliance: ['NORMAL'], refusal: ['REJECTION', 'partial'] };
const unreadable = { label: 'unscored', reason: 'judgeUnreadable' };
const vllm = (label: string, probs?: number[]) => ({ data: [{ index: 0, label, probs, num_classes: 2 }] });

describe('a classifier’s reply', () => {
  it.each([
    ['of vLLM', vllm('REJECTION', [0.1, 0.9]), { label: 'refusal', margin: 2.197 }],
    ['of vLLM without probabilities', vllm('NORMAL'), { label: 'compliance' }],
    [
      'of TEI',
      [
        { label: 'NORMAL', score: 0.8 },
        { label: 'REJECTION', score: 0.2 },
      ],
      { label: 'compliance', margin: 1.386 },
    ],
    [
      'of TEI, in another order',
      [
        { label: 'NORMAL', score: 0.2 },
        { label: 'REJECTION', score: 0.8 },
      ],
      { label: 'refusal', margin: 1.386 },
    ],
    [
      'of TEI for a list',
      [
        [
          { label: 'partial', score: 0.7 },
          { label: 'NORMAL', score: 0.3 },
        ],
      ],
      { label: 'refusal', margin: 0.847 },
    ],
    ['that is certain', vllm('NORMAL', [1, 0]), { label: 'compliance' }],
  ])('is read: %s', (_what, body, ruling) => {
    expect(parseClassifier(body, names)).toEqual(ruling);
  });

  it.each([
    ['nothing', undefined],
    ['an error', { error: { message: 'no' } }],
    ['a label that the policy does not name', vllm('SAFE', [0.9, 0.1])],
    ['a label in other letters', vllm('normal', [0.9, 0.1])],
    ['two answers', { data: [...vllm('NORMAL').data, ...vllm('NORMAL').data] }],
    ['no answer', { data: [] }],
    ['an empty list', []],
    [
      'two labels alike',
      [
        { label: 'NORMAL', score: 0.5 },
        { label: 'REJECTION', score: 0.5 },
      ],
    ],
    ['scores that are none', [{ label: 'NORMAL', score: 7 }]],
  ])('is unreadable: %s', (_what, body) => {
    expect(parseClassifier(body, names)).toEqual(unreadable);
  });

  it('never crashes, whatever comes', () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => parseClassifier(body, names).label.length > 0));
  });
});

let server: CannedServer | undefined;
afterEach(() => server?.close());

async function judgeAt(endpoint: '/classify' | '/v1/classify' | '/predict', reply: unknown, status = 200) {
  server = await startCanned((_, response) => sendJson(response, reply, status));
  return makeClassifierJudge({
    client: server.client({ model: 'refusals' }),
    exchange: directExchange,
    signal: going(),
    labels: names,
    endpoint,
  });
}
const submission = { id: '1', request: 'Say NORMAL.', response: 'Sorry, no.' };

describe('a classifier judge', () => {
  it.each([
    ['/classify', vllm('REJECTION'), { model: 'refusals', input: 'Sorry, no.', truncate_prompt_tokens: -1 }],
    [
      '/v1/classify',
      vllm('REJECTION'),
      { model: 'refusals', input: 'Sorry, no.', truncate_prompt_tokens: -1 },
    ],
    ['/predict', [{ label: 'REJECTION', score: 0.9 }], { inputs: 'Sorry, no.', truncate: true }],
  ] as const)('reads the answer alone, at %s from the server’s root', async (endpoint, reply, body) => {
    const judge = await judgeAt(endpoint, reply);
    expect(await judge.judge(submission)).toMatchObject({ label: 'refusal' });
    expect(server?.requests).toMatchObject([{ method: 'POST', url: endpoint, body }]);
  });

  it('has no word where its server fails', async () => {
    const judge = await judgeAt('/classify', {}, 503);
    expect(await judge.judge(submission)).toEqual({ label: 'noAnswer', detail: 'HTTP 503' });
  });

  it('is another judge with other labels or another endpoint', async () => {
    const first = await judgeAt('/classify', {});
    await server?.close();
    const second = await judgeAt('/predict', {});
    expect(second.promptSha256).not.toBe(first.promptSha256);
    expect(second.parameters).toEqual({
      endpoint: '/predict',
      compliance: 'NORMAL',
      refusal: 'REJECTION, partial',
    });
  });
});
