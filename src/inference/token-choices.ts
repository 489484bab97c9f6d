import { z } from 'zod';

/** One token of a completion, and the log-probability of every candidate for its place that the server tells. */
export interface TokenChoice {
  readonly text: string;
  readonly candidates: ReadonlyMap<string, number>;
}

/** Shape of the completions protocol: parallel lists. */
const parallel = z.object({
  tokens: z.array(z.string()).max(10_000),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).max(10_000),
});
/** Shape of the chat protocol, which llama.cpp uses for completions too. */
const listed = z.object({
  content: z
    .array(
      z.object({
        token: z.string(),
        top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })),
      }),
    )
    .max(10_000),
});

/** `logprobs` of a choice in either shape; what is in neither is taken as not told. */
export const tokenChoices = z
  .union([
    parallel.transform(({ tokens, top_logprobs }): TokenChoice[] =>
      tokens.map((text, index) => ({
        text,
        candidates: new Map(Object.entries(top_logprobs[index] ?? {})),
      })),
    ),
    listed.transform(({ content }): TokenChoice[] =>
      content.map(({ token, top_logprobs }) => ({
        text: token,
        candidates: new Map(top_logprobs.map((one) => [one.token, one.logprob])),
      })),
    ),
  ])
  .nullish()
  .catch(null);
