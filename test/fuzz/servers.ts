import { connect } from '../../src/inference/client.ts';
import { isFault } from '../../src/inference/fault.ts';
import { meetServer } from '../../src/inference/served.ts';
import { openCheck } from '../../src/publish/check-run.ts';
import { publishComment } from '../../src/publish/comment.ts';
import { openCommit, resolveRef } from '../../src/publish/git-files.ts';
import { publishIssue } from '../../src/publish/issue.ts';
import { buildOctokit, failureOf } from '../../src/publish/octokit.ts';
import { readPullRequest } from '../../src/publish/pull-request.ts';
import { readLastReceipt } from '../../src/publish/receipts-branch.ts';
import { type HostileServer, startHostileServer, wrap } from './hostile-server.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import { attempt, demand, type Target } from './target.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } };
const message = { role: 'assistant', content: 'I cannot help with that.', reasoning_content: null };
const modelAnswers = [
  json({
    id: 'x',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage,
  }),
  json({ object: 'list', data: [{ id: 'm', owned_by: 'vllm', root: '/models/m', max_model_len: 4096 }] }),
  json({
    model: 'm',
    choices: [{ text: 'no', finish_reason: 'length', logprobs: { top_logprobs: [{ a: -1 }] } }],
    usage,
  }),
  json({ error: { message: 'context length exceeded', code: 400 } }),
  json({ version: '0.16.0' }),
  Buffer.from(`{"error":{"code":400},"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
];

/** What a turn of the fuzzer has the server say: mostly a damaged answer, now and then none or one without end. */
function arm(server: HostileServer, answers: readonly Buffer[], random: Random): void {
  const odd = random.next();
  if (odd < 0.002) server.say('endless');
  else if (odd < 0.004) server.say('silent');
  else if (odd < 0.006) server.say('crumbs');
  else if (odd < 0.05) server.say(mutate(wrap(random.pick(answers), random), answers, random));
  else server.say(wrap(mutate(random.pick(answers), answers, random), random));
}

/** An inference server or a judge that says anything: an answer or a fault comes of it, never another thing. */
export async function openModelTarget(): Promise<Target> {
  const server = await startHostileServer();
  const endpoint = {
    baseUrl: `${server.origin}/v1`,
    model: 'm',
    apiKey: 'k',
    timeoutMs: 1000,
    namedBy: '--base-url',
  };
  const client = connect(endpoint);
  const asked = {
    messages: [{ role: 'user' as const, content: 'q' }],
    temperature: 0,
    topP: 1,
    maxTokens: 8,
    seed: 1,
  };
  const { signal } = new AbortController();
  return {
    name: 'server',
    feed: async (random) => {
      arm(server, modelAnswers, random);
      const way = random.below(4);
      if (way === 0) return await attempt(() => meetServer(client, AbortSignal.timeout(900)));
      const reply =
        way === 1
          ? await client.complete({ prompt: 'q', maxTokens: 8 }, signal)
          : await client.chat(asked, signal);
      if (isFault(reply)) {
        demand(reply.code !== '' && reply.detail !== '', 'a fault that says nothing');
        return 'refused';
      }
      demand(typeof reply.text === 'string', 'an answer whose text is none');
      return 'taken';
    },
    close: () => server.close(),
  };
}

const sha = 'a'.repeat(40);
const user = { login: 'github-actions[bot]', type: 'Bot' };
const marker = `<!-- mixgate policy=p run=1.1 body=${'0'.repeat(64)} -->\nbody`;
const side = { sha, repo: { full_name: 'acme/models' } };
const githubAnswers = [
  json({
    sha,
    truncated: false,
    tree: [
      { path: 'gate', mode: '040000', sha, size: 1 },
      { path: 'p.yml', mode: '100644', sha },
    ],
  }),
  json({ content: Buffer.from('model: m\n').toString('base64'), encoding: 'base64' }),
  json({ ref: 'refs/heads/main', object: { sha, type: 'commit' }, tree: { sha } }),
  json([{ id: 1, html_url: 'https://github.com/x', body: marker, user, number: 3, state: 'open' }]),
  json({
    id: 1,
    html_url: 'https://github.com/x',
    body: marker,
    user,
    number: 3,
    external_id: 'mixgate 2.1',
  }),
  json({ number: 1, state: 'open', head: side, base: side }),
  json({ data: { viewer: { login: 'github-actions' } } }),
  json({ message: 'Validation Failed', errors: [{ code: 'custom', message: 'body is too long' }] }),
  json({ check_runs: [{ id: 1, external_id: 'mixgate 1.1' }], total_count: 1 }),
];
const repository = 'acme/models';
const run = { repository, policyName: 'p', runId: 2, attempt: 1, startedAt: new Date(0) };

/** GitHub, or what stands between: files end as an error that says so, publishing ends as a word of what was skipped. */
export async function openGithubTarget(): Promise<Target> {
  const server = await startHostileServer();
  const octokit = buildOctokit({
    ...{ token: 'ghs_x', apiUrl: server.origin, signal: new AbortController().signal, timeoutMs: 400 },
    ...{ now: () => new Date(0), sleep: () => Promise.resolve() },
  });
  const commit = openCommit(octokit, repository, sha);
  const ways: readonly (() => Promise<unknown>)[] = [
    () => openCommit(octokit, repository, sha).find('gate/policy.yml'),
    () => commit.read({ path: 'gate/policy.yml', kind: 'file', sha, size: 9 }, 1_000_000),
    () => resolveRef(octokit, repository, 'main'),
    () =>
      readPullRequest(octokit, repository, {
        number: 1,
        event: { kind: 'dispatch', name: 'd', headSha: null, baseSha: null },
      }),
    () =>
      publishComment(octokit, {
        ...run,
        pullRequest: 1,
        headSha: sha,
        body: 'b\n',
        mode: 'always',
        sleep: () => Promise.resolve(),
      }),
    () => publishIssue(octokit, { ...run, state: 'regression', body: 'b\n' }),
    // What these throw, their caller says as a warning.
    () => tolerated(openCheck(octokit, { ...run, headSha: sha, name: 'mixgate' })),
    () => tolerated(readLastReceipt(octokit, { repository, branch: 'receipts' }, 'p')),
  ];
  return {
    name: 'github',
    feed: async (random) => {
      arm(server, githubAnswers, random);
      return await attempt(random.pick(ways));
    },
    close: () => server.close(),
  };
}

async function tolerated(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    demand(failureOf(error).message !== '', 'a failure that says nothing');
  }
}
