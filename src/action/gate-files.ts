import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Complaint, ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { readPolicy } from '../config/read-policy.ts';
import { requireOwnCheckout } from '../publish/checked-out.ts';
import type { GithubEvent } from '../publish/event.ts';
import { changeOf, type FileChange, type GateChanges, readGateChanges } from '../publish/gate-changes.ts';
import { type GatedNames, inRepository } from '../publish/gated-files.ts';
import { type CommitFiles, openCommit, resolveRef } from '../publish/git-files.ts';
import type { Octokit } from '../publish/octokit.ts';
import { type ProposedBaseline, readProposedBaseline } from '../publish/proposed-baseline.ts';
import { mirrorOf, writePrivate, writeTrustedFiles } from '../publish/trusted-files.ts';
import { type ActionInputs, type Env, readWorkspace } from './inputs.ts';
import type { Job } from './job.ts';
import { trustedFolderPrefix } from './workspace-words.ts';

type GatePaths = Pick<ActionInputs, 'policyPath' | 'candidatePath' | 'baselineDir' | 'waiverPath'>;

/** The files that this run reads, and what of them a head would change. */
export interface GateFiles {
  readonly paths: GatePaths;
  /** Null where the checked-out commit is the trusted one. */
  readonly trusted: TrustedGate | null;
}

export interface TrustedGate {
  readonly commit: string;
  readonly policy: Policy;
  readonly changes: GateChanges;
  /** The head's baseline where it changes; it is shown and decides nothing. */
  readonly proposedBaseline: ProposedBaseline | null;
  /** The workflow file that runs this job, where the head has another than the trusted commit. */
  readonly workflow: FileChange | null;
  /** Neither the candidate nor a file of its gate is another than on the trusted commit. */
  readonly untouched: boolean;
}

/** A release states six short values. */
const maxCandidateBytes = 64_000;

/**
 * Gets the gate's files from where they can be trusted: on pull requests and merge groups from the base commit
 * through GitHub's API, and only the candidate file from the head.
 *
 * @throws ConfigError naming the file, the commit and what to do; nothing is read from the checkout instead
 */
export async function readGateFiles(input: {
  readonly env: Env;
  readonly inputs: ActionInputs;
  readonly job: Job;
  readonly octokit: () => Octokit;
}): Promise<GateFiles> {
  const { inputs, job, env } = input;
  const judgesHead = job.event.kind === 'pullRequest' || job.event.kind === 'mergeGroup';
  if (!judgesHead && inputs.trustedRef === undefined) {
    const strangersStart = job.event.kind === 'workflowRun' || job.event.kind === 'other';
    if (strangersStart) requireOwnCheckout(readWorkspace(env), env.GITHUB_SHA);
    const baselineDir = presentBaseline(inputs.baselineDir, () => readPolicy(inputs.policyPath).policy);
    return { paths: { ...inputs, baselineDir }, trusted: null };
  }
  const repository = requireRepository(job);
  const octokit = input.octokit();
  const commit = await resolveRef(octokit, repository, inputs.trustedRef ?? requireBase(job.event));
  const base = openCommit(octokit, repository, commit);
  const head = judgesHead ? openCommit(octokit, repository, requireHead(job.event)) : base;
  const workspace = readWorkspace(env);
  const scratch = join(env.RUNNER_TEMP || tmpdir(), `${trustedFolderPrefix}${randomUUID()}`);
  const folder = join(scratch, 'base');
  const names = namesOf(inputs, workspace);
  const written = await writeTrustedFiles({ files: base, names, workspace, folder });
  const mirrored = (path: string | undefined) => (path === undefined ? undefined : mirrorOf(folder, path));
  const candidate = judgesHead
    ? await takeCandidate({ inputs, base, head, workspace, folder: join(scratch, 'head') })
    : { path: inputs.candidatePath, change: null };
  const changes = await readGateChanges({ trusted: base, head, ...written });
  const proposedBaseline = await readProposedBaseline(head, names.baseline, changes);
  const workflow = await workflowChange(env, base, head);
  const paths = {
    policyPath: mirrorOf(folder, inputs.policyPath),
    baselineDir: presentBaseline(mirrored(inputs.baselineDir), () => written.policy),
    waiverPath: mirrored(inputs.waiverPath),
    candidatePath: candidate.path,
  };
  const untouched =
    judgesHead &&
    names.candidate !== undefined &&
    candidate.change === null &&
    changes.files.length === 0 &&
    workflow === null;
  const { policy } = written;
  return { paths, trusted: { commit, policy, changes, proposedBaseline, workflow, untouched } };
}

/**
 * A workflow names its baseline's folder from the first day on; until a run is accepted the trusted policy says
 * `baseline: none`, and only then may the folder be missing.
 */
function presentBaseline(folder: string | undefined, policy: () => Policy): string | undefined {
  if (folder === undefined || existsSync(folder) || policy().baseline !== 'none') return folder;
  return undefined;
}

function namesOf(inputs: ActionInputs, workspace: string): GatedNames & { candidate: string | undefined } {
  const name = (path: string | undefined) => (path === undefined ? undefined : inRepository(path, workspace));
  return {
    policy: inRepository(inputs.policyPath, workspace),
    baseline: name(inputs.baselineDir),
    waiver: name(inputs.waiverPath),
    candidate: name(inputs.candidatePath),
  };
}

/** The one file that a head decides; it is data, read as bytes of the commit, never through the checkout. */
async function takeCandidate(input: {
  readonly inputs: ActionInputs;
  readonly base: CommitFiles;
  readonly head: CommitFiles;
  readonly workspace: string;
  readonly folder: string;
}): Promise<{ path: string | undefined; change: string | null }> {
  const { inputs, base, head, workspace, folder } = input;
  if (inputs.candidatePath === undefined) return { path: undefined, change: null };
  const name = inRepository(inputs.candidatePath, workspace);
  const entry = await head.find(name);
  if (entry === null) {
    throw new ConfigError({
      code: 'CANDIDATE_MISSING',
      where: `${name} at commit ${head.commit.slice(0, 12)}`,
      expected: 'the candidate file of this head',
      got: 'none',
      remedy: 'restore the file, or correct input candidate',
    });
  }
  const path = mirrorOf(folder, inputs.candidatePath);
  writePrivate(path, await head.read(entry, maxCandidateBytes));
  return { path, change: changeOf(await base.find(name), entry) };
}

/** `owner/name/.github/workflows/gate.yml@ref`, where that is a file of this repository. */
async function workflowChange(env: Env, base: CommitFiles, head: CommitFiles): Promise<FileChange | null> {
  const prefix = `${env.GITHUB_REPOSITORY ?? ''}/`;
  // A file's name may hold an @ too.
  const named = (env.GITHUB_WORKFLOW_REF ?? '').split('@refs/')[0] ?? '';
  if (prefix === '/' || !named.startsWith(prefix)) return null;
  const path = named.slice(prefix.length);
  const change = changeOf(await base.find(path), await head.find(path));
  return change === null ? null : { path, role: 'workflow', change };
}

function requireRepository({ repository }: Job): string {
  if (repository !== null) return repository;
  throw missing({
    where: 'GITHUB_REPOSITORY',
    expected: 'the repository whose files are judged',
    remedy: 'run this as a step of a workflow',
  });
}

function requireBase({ baseSha, name }: GithubEvent): string {
  if (baseSha !== null) return baseSha;
  throw missing({
    where: `event ${name}`,
    expected: 'the base commit, which decides about its own releases',
    remedy: 'set input trusted-ref',
  });
}

function requireHead({ headSha, name }: GithubEvent): string {
  if (headSha !== null) return headSha;
  throw missing({
    where: `event ${name}`,
    expected: 'the head commit, whose candidate is judged',
    remedy: 'run this on a pull request',
  });
}

function missing({ where, expected, remedy }: Pick<Complaint, 'where' | 'expected' | 'remedy'>): ConfigError {
  return new ConfigError({ code: 'TRUSTED_UNKNOWN', where, expected, got: 'none', remedy });
}
