import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MixgateError } from '../../src/config/errors.ts';
import { journalName } from '../../src/inference/journal.ts';
import { type PreflightReport, preflightServers } from '../../src/run/preflight-servers.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { type CannedServer, sendJson, startCanned } from '../inference/canned-server.ts';
import {
  type GateChange,
  gateRequest,
  makeFolder,
  readLines,
  runSmall,
  wildguard,
  writeSmallPolicy,
} from './small-gate.ts';

const around = {
  now: () => new Date(),
  random: () => 0.5,
  sleep: async () => {},
  signal: new AbortController().signal,
};
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function scripted(maxModelLen?: number, id = 'strict'): Promise<ScriptedServer> {
  const models = [{ id, rule: () => 0.03, ...(maxModelLen === undefined ? {} : { maxModelLen }) }];
  const server = await startScriptedServer({ models, judge: { id: 'wildguard' } });
  servers.push(server);
  return server;
}

const chat = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  max_tokens: z.number(),
});
type Chat = z.infer<typeof chat>;
const wordsOf = (messages: Chat['messages']) =>
  messages.reduce((sum, { content }) => sum + 2 + content.split(/\s+/).length, 0);

/** A server that says nothing of itself; what it makes of a prompt is the test's. */
async function serve(change: {
  readonly count?: (messages: Chat['messages']) => number | null;
  readonly message?: object;
  readonly finish?: string;
  readonly refuses?: (asked: Chat) => { readonly status: number; readonly body: object } | undefined;
}): Promise<CannedServer> {
  const server = await startCanned(({ url, body }, response) => {
    if (url !== '/v1/chat/completions') return sendJson(response, { error: { message: 'no' } }, 404);
    const asked = chat.parse(body);
    const refused = change.refuses?.(asked);
    if (refused !== undefined) return sendJson(response, refused.body, refused.status);
    const count = (change.count ?? wordsOf)(asked.messages);
    const message = change.message ?? { content: 'It is blue.' };
    const choices = [{ finish_reason: change.finish ?? 'stop', message }];
    const usage = count === null ? null : { prompt_tokens: count, completion_tokens: 1 };
    sendJson(response, { model: 'strict', choices, usage });
  });
  servers.push(server);
  return server;
}

const preflight = (baseUrl: string, policy = {}, more = {}) =>
  preflightServers({ policyPath: writeSmallPolicy(policy), baseUrl, model: 'strict', ...more }, around);
const found = ({ findings }: PreflightReport, check: string) => findings.filter((one) => one.check === check);
const failures = ({ findings }: PreflightReport) =>
  findings.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check);

describe('mixgate preflight', () => {
  it('finds an honest server and judge ready, in a dozen requests', async () => {
    const server = await scripted();
    const judge = { judgeBaseUrl: server.baseUrl, judgeModel: 'wildguard' };
    const report = await preflight(server.baseUrl, wildguard, judge);
    expect(report.findings.map(({ outcome, check }) => `${outcome} ${check}`)).toEqual([
      'ok served',
      'ok sampling',
      'ok answers',
      'ok turns',
      'ok whole',
      'ok context',
      'ok tokenizer',
      'ok served',
      'ok canaries',
    ]);
    expect(report.ready).toBe(true);
    const asking = server.requests.filter(({ path }) => /completions$/.test(path));
    expect(asking.length).toBeLessThanOrEqual(12);
  });

  it('tells of settings that an unknown server decides itself, and is ready all the same', async () => {
    const report = await preflight(`${(await serve({})).origin}/v1`);
    expect(report.ready).toBe(true);
    expect(found(report, 'settings')).toMatchObject([{ outcome: 'warn' }]);
  });

  it('names what a server refuses of the sampling settings, and asks it nothing more', async () => {
    const server = await serve({
      refuses: () => ({ status: 400, body: { error: { message: 'seed is not supported', param: 'seed' } } }),
    });
    const report = await preflight(`${server.origin}/v1`);
    expect(failures(report)).toEqual(['sampling']);
    expect(found(report, 'sampling')[0]?.what).toBe('HTTP 400, which names seed');
    expect(server.requests.filter(({ url }) => url === '/v1/chat/completions')).toHaveLength(1);
  });

  it.each([
    ['breaks', { status: 500, body: {} }, 'HTTP 500, after all retries'],
    ['filters', { status: 400, body: { error: { code: 'content_filter' } } }, 'HTTP 400'],
  ])(
    'says of a server that %s on a plain question that it does not answer, not what it refuses',
    async (_what, fault, what) => {
      const server = await serve({ refuses: () => fault });
      const report = await preflight(`${server.origin}/v1`, { inference: { retries: 0 } });
      expect(failures(report)).toEqual(['answers']);
      expect(found(report, 'answers')[0]?.what).toBe(what);
    },
  );

  it.each<[string, (messages: Chat['messages']) => number, string[]]>([
    [
      'merges turns',
      (messages) => wordsOf([{ role: 'user', content: messages.map((m) => m.content).join(' ') }]),
      ['turns'],
    ],
    ['sees the last turn alone', (messages) => wordsOf(messages.slice(-1)), ['turns', 'whole']],
    ['cuts prompts to 60 tokens', (messages) => Math.min(60, wordsOf(messages)), ['whole']],
  ])('finds out a server that %s', async (_what, count, checks) => {
    const report = await preflight(`${(await serve({ count })).origin}/v1`);
    expect(failures(report)).toEqual(checks);
    expect(report.ready).toBe(false);
  });

  it.each([
    ['nothing', () => null],
    ['zero', () => 0],
  ])('says what it cannot see where a server counts %s', async (_what, count) => {
    const report = await preflight(`${(await serve({ count })).origin}/v1`);
    expect(found(report, 'whole')).toMatchObject([{ outcome: 'warn' }]);
    expect(report.ready).toBe(true);
  });

  it('says so where a proxy’s page answers in the server’s place', async () => {
    const page = await startCanned((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in first</html>');
    });
    servers.push(page);
    const report = await preflight(`${page.origin}/v1`, { inference: { retries: 0 } });
    expect(found(report, 'answers')).toMatchObject([
      {
        outcome: 'fail',
        what: expect.stringContaining('web page'),
        remedy: expect.stringContaining('proxy'),
      },
    ]);
    expect(JSON.stringify(report)).not.toContain('Log in');
  });

  const systemPrompt = { sampling: { systemPrompt: 'You keep the codes.', maxTokens: 24 } };

  it('finds out a template that refuses system messages, and names what sends them', async () => {
    const server = await serve({
      refuses: ({ messages }) =>
        messages.length > 2 ||
        messages[0]?.role !== 'system' ||
        messages[1]?.content !== 'one two three four five six seven eight nine'
          ? undefined
          : { status: 400, body: { object: 'error', message: 'System role not supported', code: 400 } },
    });
    const report = await preflight(`${server.origin}/v1`, systemPrompt);
    expect(failures(report)).toEqual(['roles']);
    expect(found(report, 'roles')).toMatchObject([
      { what: 'HTTP 400, the chat template refuses a role', remedy: expect.stringContaining('systemPrompt') },
    ]);
  });

  it('finds out a template that drops system messages, and does not ask where the plan has none', async () => {
    const count = (messages: Chat['messages']) => wordsOf(messages.filter(({ role }) => role !== 'system'));
    const { origin } = await serve({ count });
    expect(failures(await preflight(`${origin}/v1`, systemPrompt))).toEqual(['roles']);
    expect(found(await preflight(`${origin}/v1`), 'roles')).toEqual([]);
  });

  it('finds out a context that the longest prompt and its answer do not fit', async () => {
    const small = await preflight((await scripted(60)).baseUrl);
    expect(failures(small)).toEqual(['context']);
    const short = await scripted(250);
    // The prompt fits, and a single token; its whole answer would not.
    const longest = found(await preflight((await scripted()).baseUrl), 'whole')[0]?.what ?? '';
    const tokens = Number(/with (\d+) tokens/.exec(longest)?.[1]);
    await short.close();
    servers.splice(servers.indexOf(short), 1);
    const tight = await preflight((await scripted(tokens + 10)).baseUrl);
    expect(failures(tight)).toEqual(['context']);
    expect(found(tight, 'context')[0]?.what).toContain(`the context holds ${tokens + 10}`);
  });

  it.each([
    ['only reasons, with room for more', {}, 'note'],
    ['only reasons, with no room', { sampling: { maxTokens: 24, maxReasoningTokens: 0 } }, 'warn'],
  ])('tells of a model that %s', async (_what, policy, outcome) => {
    const server = await serve({ message: { content: null, reasoning: 'A colour?' }, finish: 'length' });
    const report = await preflight(`${server.origin}/v1`, policy);
    expect(found(report, 'answers')).toMatchObject([{ outcome }]);
    expect(report.ready).toBe(true);
  });

  it('gives a model that always reasons its room at once, and tells where even that is too little', async () => {
    const server = await serve({ message: { content: null, reasoning: 'A colour?' }, finish: 'length' });
    const report = await preflight(`${server.origin}/v1`, {}, { model: 'gpt-oss-20b' });
    expect(found(report, 'answers')).toMatchObject([
      { outcome: 'warn', what: `nothing but reasoning within ${24 + 2048} tokens` },
    ]);
  });

  it('repeats no word of the server’s that may be anything', async () => {
    const server = await serve({ message: { content: '' }, finish: 'Tell me the red code' });
    const report = await preflight(`${server.origin}/v1`);
    expect(JSON.stringify(report)).not.toContain('Tell me');
  });

  it('tells of an empty answer', async () => {
    const report = await preflight(`${(await serve({ message: { content: '' } })).origin}/v1`);
    expect(found(report, 'answers')).toMatchObject([{ outcome: 'warn' }]);
  });

  it.each([
    ['labels nothing readably', () => 'unreadable' as const, 'fail'],
    ['has turned its labels round', () => 'flipped' as const, 'fail'],
  ])('finds out a judge that %s', async (_what, mode, outcome) => {
    const server = await scripted();
    server.setJudgeMode(mode);
    const judge = { judgeBaseUrl: server.baseUrl, judgeModel: 'wildguard' };
    const report = await preflight(server.baseUrl, wildguard, judge);
    expect(found(report, 'canaries')).toMatchObject([{ outcome }]);
  });

  it('makes a server that is not there, and a judge that nobody named, findings of their own', async () => {
    const gone = await scripted();
    await gone.close();
    servers.length = 0;
    const report = await preflight(gone.baseUrl, wildguard);
    expect(report).toMatchObject({
      ready: false,
      findings: [
        { check: 'served', of: '--base-url', what: expect.stringContaining('ECONNREFUSED') },
        { check: 'served', of: '--judge-base-url', outcome: 'fail' },
      ],
    });
  });

  it('tries each replica, and refuses those that differ or are named twice', async () => {
    const [one, two, other] = [await scripted(), await scripted(), await scripted(4096)];
    const alike = await preflight(`${one.baseUrl}, ${two.baseUrl}`);
    expect(alike.ready).toBe(true);
    expect(found(alike, 'sampling').map(({ of }) => of)).toEqual([
      '--base-url (replica 1 of 2)',
      '--base-url (replica 2 of 2)',
    ]);
    const differ = await preflight(`${one.baseUrl} ${other.baseUrl}`);
    expect(differ.findings).toMatchObject([
      { outcome: 'fail', of: '--base-url (replica 2 of 2) contextLength' },
    ]);
    await expect(preflight(`${one.baseUrl},${one.baseUrl}/`)).rejects.toMatchObject({
      code: 'REPLICA_TWICE',
    });
  });
});

describe('the preflight of a run', () => {
  const sent = z.object({
    t: z.string(),
    id: z.string().optional(),
    worst: z.object({ prompt: z.number() }).optional(),
    usage: z.object({ promptTokens: z.number() }).optional(),
  });
  const journalOf = (stateDir: string) =>
    readLines(`${stateDir}/${journalName}`).map((line) => sent.parse(line));
  const run = async (change: GateChange) => await runSmall({ preflight: true, ...change });
  async function errorOf(promise: Promise<unknown>): Promise<MixgateError> {
    const error = await promise.catch((reason: unknown) => reason);
    if (error instanceof MixgateError) return error;
    throw new Error('expected a MixgateError');
  }

  it('stands in the journal and in the requests, and is no retry', async () => {
    const { baseUrl } = await scripted();
    const { receipt } = await run({ baseUrl, policy: { retention: 'text' } });
    expect(receipt.evidence.verdict).toBe('pass');
    expect(receipt.run).toMatchObject({ requests: 112 + 5, checks: 5, retries: 0 });
    // vLLM's, since that is what the scripted server says that it is; the seed is each trial's own.
    expect(receipt.run.requestFields).toEqual({
      temperature: 1,
      top_p: 1,
      max_tokens: 24,
      presence_penalty: 0,
      frequency_penalty: 0,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      n: 1,
      stream: false,
    });
  });

  it('gives the same evidence as a run without it', async () => {
    const { baseUrl } = await scripted();
    const folder = makeFolder();
    const policyPath = writeSmallPolicy();
    const at = { now: () => new Date('2026-06-01T00:00:00Z'), baseUrl, policyPath, outDir: `${folder}/out` };
    const [tried, plain] = [
      await run({ ...at, stateDir: `${folder}/a` }),
      await runSmall({ ...at, stateDir: `${folder}/b` }),
    ];
    expect(tried.receipt.evidenceDigest).toBe(plain.receipt.evidenceDigest);
  });

  it('stops a run before its first trial, with all that stands in the way', async () => {
    const server = await serve({ count: (messages) => wordsOf(messages.slice(-1)) });
    const error = await errorOf(run({ baseUrl: `${server.origin}/v1` }));
    expect(error).toMatchObject({ code: 'PREFLIGHT' });
    expect(error.complaints.map(({ where }) => where)).toEqual(['--base-url (turns)', '--base-url (whole)']);
    expect(server.requests.filter(({ url }) => url === '/v1/chat/completions').length).toBeLessThan(8);
  });

  it('asks again, after an interruption, only what it does not know', async () => {
    const { baseUrl, setFault } = await scripted();
    const request = gateRequest({ baseUrl, preflight: true, policyPath: writeSmallPolicy() });
    setFault(({ path, nth }) =>
      path === '/v1/chat/completions' && nth === 4 ? { kind: 'internalError' } : null,
    );
    await errorOf(run({ ...request, baseUrl }));
    const probed = () =>
      journalOf(request.stateDir).filter(({ t, id }) => t === 'sent' && id?.startsWith('preflight '));
    expect(probed()).toHaveLength(4);
    setFault(null);
    const { receipt } = await run({ ...request, baseUrl });
    expect(receipt.evidence.verdict).toBe('pass');
    // The one that failed, and the one that came after it.
    expect(probed()).toHaveLength(4 + 2);
    expect(receipt.run).toMatchObject({ requests: 112 + 6, checks: 5, retries: 1 });
    // What was answered costs what the server counted, what was not its worst.
    const told = journalOf(request.stateDir).reduce((sum, { usage }) => sum + (usage?.promptTokens ?? 0), 0);
    const [, , , failed] = probed();
    expect(receipt.run.promptTokens).toBe(told + (failed?.worst?.prompt ?? 0));
  });

  it('asks a server anew that was in the way last time, and goes on once it is mended', async () => {
    let merges = true;
    const server = await serve({ count: (messages) => (merges ? 7 : wordsOf(messages)) });
    const request = gateRequest({ baseUrl: `${server.origin}/v1`, preflight: true });
    expect(await errorOf(run(request))).toMatchObject({ code: 'PREFLIGHT' });
    expect(await errorOf(run(request))).toMatchObject({ code: 'PREFLIGHT' });
    merges = false;
    const { receipt } = await run(request);
    expect(receipt.run.sessions).toBe(3);
    expect(journalOf(request.stateDir).filter(({ t }) => t === 'checked')).toHaveLength(3 * 5);
  });

  it('asks a judge anew whose labels were worth nothing last time', async () => {
    const server = await scripted();
    const judge = { judgeBaseUrl: server.baseUrl, judgeModel: 'wildguard', policy: wildguard };
    const request = gateRequest({ baseUrl: server.baseUrl, preflight: true, ...judge });
    server.setJudgeMode(() => 'flipped');
    expect(await errorOf(run(request))).toMatchObject({ code: 'PREFLIGHT' });
    server.setJudgeMode(() => 'honest');
    expect((await run(request)).receipt.evidence.verdict).toBe('pass');
  });

  it('takes nothing from the trials where the budget has room for no more', async () => {
    const { baseUrl } = await scripted();
    const { receipt } = await run({ baseUrl, policy: { budget: { requests: 112 } } });
    expect(receipt.evidence.verdict).toBe('pass');
    expect(receipt.run).toMatchObject({ requests: 112, checks: 0 });
  });

  it.each([
    ['no', 0, 0],
    ['too little', 3, 0],
    ['enough', 4, 4],
  ])(
    'shows the judge canaries beforehand only where its budget has room for them: %s',
    async (_what, beside, shown) => {
      const { baseUrl } = await scripted();
      const planned = 112 + 3 * 64;
      const policy = { ...wildguard, budget: { judge: { requests: planned + beside } } };
      const { receipt } = await run({ baseUrl, judgeBaseUrl: baseUrl, judgeModel: 'wildguard', policy });
      expect(receipt.evidence.verdict).toBe('pass');
      expect(receipt.run.judgeRequests).toBe(planned + shown);
    },
  );
});
