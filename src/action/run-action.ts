import { ConfigError } from '../config/errors.ts';
import { readPullRequest } from '../publish/pull-request.ts';
import type { GateRequest } from '../run/gate-request.ts';
import { runGate } from '../run/run-gate.ts';
import { runShard } from '../run/run-shard.ts';
import { logToCheck, startCheck } from './follow-check.ts';
import { type GateFiles, readGateFiles } from './gate-files.ts';
import { clientOf } from './github-client.ts';
import { type ActionInputs, clearOutDir, describeUnknownInputs, type Env, readInputs } from './inputs.ts';
import { describeJob, type Job, readJob } from './job.ts';
import { mergeJobShards } from './merge-shards.ts';
import { findPolicyName } from './policy-name.ts';
import { publishError } from './publish-error.ts';
import { publishNotApplicable } from './publish-not-applicable.ts';
import { publishShard } from './publish-shard.ts';
import { publishVerdict } from './publish-verdict.ts';
import { buildRunner } from './runner.ts';
import type { ActionTools, Publishing } from './session.ts';

/** After a cancellation the runner waits 7.5 s before it insists; closing the journal needs far less. */
const graceMs = 2000;

/** One run of the Action, which ends in an exit code whatever happens. */
export interface Action {
  run(): Promise<number>;
  /** What escaped every catch (an error in a callback) is verdict `error` too. */
  crash(error: unknown): Promise<number>;
  /** What Node or a library would print by itself, past our own gate. */
  warn(text: string): void;
}

/** The whole Action: inputs, trusted files, gate, publishing; the only catch stands here. */
export function openAction(env: Env, tools: ActionTools): Action {
  const startedAt = tools.now();
  const session = { startedAt, check: null, checkTried: false, job: null, policyName: null };
  const publishing: Publishing = { env, runner: buildRunner(env, tools.now), tools, session };
  return {
    run: async () => {
      try {
        return await judge(publishing);
      } catch (error) {
        return await publishError(publishing, error);
      }
    },
    crash: (error) => publishError(publishing, error),
    // Further lines may be those of the file that it warns of.
    warn: (text) => publishing.runner.warning(text.split('\n')[0] ?? ''),
  };
}

async function judge(publishing: Publishing): Promise<number> {
  const { env, runner, tools, session } = publishing;
  for (const warning of describeUnknownInputs(env)) runner.warning(warning);
  clearOutDir(env);
  const inputs = readInputs(env);
  const job = await readWholeJob(publishing, inputs);
  session.job = job;
  if (inputs.checkRun) await startCheck(publishing, job);
  const octokit = () => clientOf(publishing, job, [tools.signal]);
  const files = await stopOnAbort(readGateFiles({ env, inputs, job, octokit }), tools.signal);
  const policyName = findPolicyName(files.paths.policyPath) ?? 'unnamed';
  session.policyName = policyName;
  if (files.trusted?.untouched === true)
    return await publishNotApplicable(publishing, { inputs, job, policyName });
  const run = { attempt: job.attempt, github: githubOf(env, job, files) };
  const request = buildRequest({ ...inputs, ...files.paths }, run);
  const gateTools = { now: tools.now, log: logToCheck(publishing), signal: tools.signal };
  const { shard, mergeDir } = inputs;
  if (shard !== undefined) {
    const asked = await stopOnAbort(runShard({ ...request, shard }, gateTools), tools.signal);
    return publishShard(publishing, asked);
  }
  const gate = mergeDir === undefined ? runGate(request, gateTools) : mergeJobShards(mergeDir, request);
  const result = await stopOnAbort(gate, tools.signal);
  return await publishVerdict(publishing, { result, inputs, job, files });
}

/** The job, with the pull request that it judges where its own event is none. */
async function readWholeJob(publishing: Publishing, inputs: ActionInputs): Promise<Job> {
  const job = readJob(publishing.env);
  const { pullRequest: number } = inputs;
  const { event, repository } = job;
  if (number === undefined || (event.kind === 'pullRequest' && event.number === number)) return job;
  if (event.kind === 'pullRequest' || event.kind === 'mergeGroup' || repository === null)
    throw notOfThisEvent(number, event);
  const octokit = clientOf(publishing, job, [publishing.tools.signal]);
  return { ...job, event: await readPullRequest(octokit, repository, { number, event }) };
}

/** A pull request that is named and not judged would leave the gate to whatever the job has checked out. */
function notOfThisEvent(number: number, { name }: Job['event']): ConfigError {
  return new ConfigError({
    code: 'INPUT_CONFLICT',
    where: `input pull-request ${number}`,
    expected: 'none beside an event that has a pull request or a merge group of its own',
    got: name === '' ? 'no event of GitHub' : `the event ${name}`,
    remedy: 'remove `pull-request:` from this step, or give it on other events only',
  });
}

/** The job, and the commit whose gate it ran. */
function githubOf(env: Env, job: Job, { trusted }: GateFiles): Record<string, string> {
  const github = describeJob(env, job);
  return trusted === null ? github : { ...github, trustedSha: trusted.commit };
}

function buildRequest(inputs: ActionInputs, run: Pick<GateRequest, 'attempt' | 'github'>): GateRequest {
  return {
    policyPath: inputs.policyPath,
    candidatePath: inputs.candidatePath,
    baselineDir: inputs.baselineDir,
    baseUrl: inputs.baseUrl,
    model: inputs.model,
    apiKey: inputs.apiKey,
    judgeBaseUrl: inputs.judgeBaseUrl,
    judgeModel: inputs.judgeModel,
    judgeApiKey: inputs.judgeApiKey,
    ledgerKey: inputs.ledgerKey,
    outDir: inputs.outDir,
    stateDir: inputs.stateDir,
    ...run,
  };
}

/** Gives a cancelled gate a moment to close its journal, then goes on without it. */
async function stopOnAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => setTimeout(() => reject(signal.reason), graceMs);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  return await Promise.race([work, stopped]);
}
