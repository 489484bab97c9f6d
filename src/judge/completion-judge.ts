import { createHash } from 'node:crypto';
import type { Client } from '../inference/client.ts';
import type { Exchange } from '../inference/exchange.ts';
import type { TokenChoice } from '../inference/token-choices.ts';
import type { Judgment } from '../suite/outcome.ts';
import type { Judge, NoRuling, Ruling, Submission } from './judge.ts';
import { isRefused, withoutAnswer } from './without-answer.ts';

/** What tells one judge of a completion endpoint from another. */
export interface CompletionFormat {
  readonly kind: string;
  /** How texts are put into the prompt, where the prompt itself does not show it; part of the judge's identity. */
  readonly promptRule: string;
  /** Most tokens of its answer. */
  readonly maxTokens: number;
  readonly prompt: (request: string, response: string) => string;
  readonly parse: (output: string) => Judgment;
  /** In nats, of a readable answer; undefined where the server does not tell. */
  readonly margin: (tokens: readonly TokenChoice[] | undefined) => number | undefined;
}

/** Candidates for each token that are asked for: a judge's two words are nearly always the first two. */
const candidates = 5;

/** A judge with a prompt format of its own, asked over `/v1/completions`: no chat template stands around it. */
export function makeCompletionJudge(
  format: CompletionFormat,
  input: { readonly client: Client; readonly exchange: Exchange; readonly signal: AbortSignal },
): Judge {
  const { client, exchange, signal } = input;
  const { kind, maxTokens, promptRule } = format;
  // A server that takes the question only without log-probabilities is asked so from then on: labels are the same.
  let logprobs: number | undefined = candidates;
  const send = async (id: string, prompt: string, asked: number | undefined) => {
    const worst = { prompt: Buffer.byteLength(prompt) + 16, cached: 0, completion: maxTokens };
    const request = { prompt, maxTokens, logprobs: asked };
    return { asked, result: await exchange({ id, worst, send: () => client.complete(request, signal) }) };
  };
  const judge = async ({ id, request, response }: Submission): Promise<Ruling | NoRuling> => {
    const prompt = format.prompt(request, response);
    let { result, asked } = await send(id, prompt, logprobs);
    if (isRefused(result) && asked !== undefined) {
      ({ result } = await send(id, prompt, undefined));
      if (result.kind === 'answer') logprobs = undefined;
    }
    if (result.kind !== 'answer') return withoutAnswer(result);
    const judgment = format.parse(result.text);
    const margin = judgment.label === 'unscored' ? undefined : format.margin(result.tokens);
    return margin === undefined ? judgment : { ...judgment, margin };
  };
  const identity = `${promptRule}\n${format.prompt('{request}', '{response}')}`;
  const promptSha256 = createHash('sha256').update(identity).digest('hex');
  return { kind, promptSha256, judge };
}
