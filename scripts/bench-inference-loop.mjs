// A bare loop: no journal, no budget, no check of what comes back. Over undici's request, as mixgate's own client is, or
// its fetch, or the protocol's own client (`openai`) over Node's fetch.
// argv[2]: { baseUrl, prompts, order, inFlight, maxTokens, over }. `warmed` sends the first request of a context alone.
import { readFileSync, writeSync } from 'node:fs';
import OpenAI from 'openai';
import { Agent, fetch, request } from 'undici';

const { baseUrl, prompts, order, inFlight, maxTokens, over = 'fetch' } = JSON.parse(process.argv[2] ?? '{}');
const { contexts, trials } = JSON.parse(readFileSync(prompts, 'utf8'));
const loaded = process.resourceUsage();
const loadedAt = performance.now();
const dispatcher = new Agent();
const used = { sent: 0, cached: 0, requests: 0 };

const options = {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
  dispatcher,
};
const sdk = new OpenAI({ baseURL: baseUrl, apiKey: 'none', maxRetries: 0 });
const send = {
  openai: (body) => sdk.post('/chat/completions', { body }),
  fetch: async (body) => {
    const response = await fetch(`${baseUrl}/chat/completions`, { ...options, body: JSON.stringify(body) });
    return response.json();
  },
  request: async (body) => {
    const response = await request(`${baseUrl}/chat/completions`, { ...options, body: JSON.stringify(body) });
    return response.body.json();
  },
}[over];

async function ask({ context, last, seed }) {
  const messages = [...contexts[context], last];
  const { usage, choices } = await send({
    model: 'strict',
    messages,
    temperature: 1,
    top_p: 1,
    max_tokens: maxTokens,
    seed,
  });
  if (typeof choices[0].message.content !== 'string') throw new Error('no answer');
  used.sent += usage.prompt_tokens;
  used.cached += usage.prompt_tokens_details.cached_tokens;
  used.requests += 1;
}

async function inParallel(items) {
  const left = items[Symbol.iterator]();
  const work = async () => {
    for (const item of left) await ask(item);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

/** A shuffle that is the same each time. */
function shuffled(items) {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
  }
  return mixed;
}

switch (order) {
  case 'plan':
    await inParallel(trials);
    break;
  case 'random':
    await inParallel(shuffled(trials));
    break;
  // As tools that know nothing of prefixes go: each query, in each of its contexts.
  case 'natural':
    await inParallel([...trials].sort((a, b) => a.query - b.query || a.context - b.context));
    break;
  case 'warmed':
    for (let start = 0; start < trials.length; ) {
      const end = trials.findIndex(({ context }, at) => at > start && context !== trials[start].context);
      const [first, ...others] = trials.slice(start, end < 0 ? trials.length : end);
      await ask(first);
      await inParallel(others);
      start += 1 + others.length;
    }
    break;
  default:
    throw new Error(`unknown order ${order}`);
}
const now = process.resourceUsage();
const cpu = (one) => one.userCPUTime + one.systemCPUTime;
const loopCpuSeconds = (cpu(now) - cpu(loaded)) / 1e6;
writeSync(
  1,
  `${JSON.stringify({ ...used, loopCpuSeconds, loopSeconds: (performance.now() - loadedAt) / 1000 })}\n`,
);
process.exit();
