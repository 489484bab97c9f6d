import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { nearestOf } from '../config/parse-strict.ts';
import { show } from '../config/show.ts';
import { refuseBaselineAsOut, refuseStateAsOut } from '../run/folders.ts';
import type { Shard } from '../run/gate-request.ts';
import { parseShardOption } from '../run/shard.ts';
import { removeReceiptFiles } from '../run/write-receipt.ts';
import {
  insideWorkspace,
  invalidInput,
  ownFolder,
  parseSwitch,
  pullRequestNumber,
  refName,
  serverUrls,
} from './input-values.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Every input that `action.yml` offers; a test holds the two lists to each other. */
export const inputNames = [
  'policy',
  'trusted-ref',
  'base-url',
  'api-key',
  'model',
  'candidate',
  'judge-base-url',
  'judge-api-key',
  'judge-model',
  'baseline',
  'waiver',
  'state-dir',
  'out',
  'ledger-key',
  'shard',
  'merge',
  'comment',
  'check-run',
  'receipts-branch',
  'pull-request',
  'github-token',
] as const;
export type InputName = (typeof inputNames)[number];

/** Inputs whose values must never be seen. */
const secretInputs: readonly InputName[] = ['api-key', 'judge-api-key', 'ledger-key', 'github-token'];

const commentModes = ['always', 'on-change', 'never'] as const;
export type CommentMode = (typeof commentModes)[number];

export interface ActionInputs {
  /** Absolute, and inside the workspace, like the three after it. */
  readonly policyPath: string;
  readonly candidatePath: string | undefined;
  readonly baselineDir: string | undefined;
  readonly waiverPath: string | undefined;
  /** A branch or a full commit hash; where absent, what the event says. */
  readonly trustedRef: string | undefined;
  /** Empty where nothing is asked: a merge. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly model: string | undefined;
  readonly judgeBaseUrl: string | undefined;
  readonly judgeApiKey: string | undefined;
  readonly judgeModel: string | undefined;
  readonly ledgerKey: string | undefined;
  readonly outDir: string;
  readonly stateDir: string;
  /** The part of the plan that this job asks; it decides nothing. */
  readonly shard: Shard | undefined;
  /** The folder with the folders of all shards: they are joined and decided upon, and no server is asked. */
  readonly mergeDir: string | undefined;
  readonly comment: CommentMode;
  readonly checkRun: boolean;
  readonly receiptsBranch: string | undefined;
  /** The pull request that is judged, where the event is none. */
  readonly pullRequest: number | undefined;
}

/** An input as the runner hands it over; nothing and blank are the same to it. */
export function readInput(env: Env, name: InputName): string | undefined {
  const value = env[`INPUT_${name.toUpperCase()}`]?.trim();
  return value === '' ? undefined : value;
}

/** The values to mask, in the forms in which a client may write them into a header, a URL or an error. */
export function readSecrets(env: Env): string[] {
  const values = secretInputs.flatMap((name) => readInput(env, name) ?? []);
  const forms = values.flatMap((value) => [
    value,
    encodeURIComponent(value),
    Buffer.from(value, 'utf8').toString('base64'),
  ]);
  return [...new Set(forms)];
}

/**
 * Reads and checks all inputs.
 *
 * @throws ConfigError INPUT_MISSING, INPUT_INVALID or INPUT_OUTSIDE, which names the input and never shows a key
 */
export function readInputs(env: Env): ActionInputs {
  const inputs = parseInputs(env);
  refuseConflicts(inputs);
  return inputs;
}

function parseInputs(env: Env): ActionInputs {
  const workspace = readWorkspace(env);
  const inWorkspace = (name: InputName) => (value: string) => insideWorkspace(name, value, workspace);
  const scratch = env.RUNNER_TEMP === undefined || env.RUNNER_TEMP === '' ? workspace : env.RUNNER_TEMP;
  const mergeDir = optional(readInput(env, 'merge'), (path) => resolve(workspace, path));
  return {
    policyPath: readPolicyPath(env),
    candidatePath: optional(readInput(env, 'candidate'), inWorkspace('candidate')),
    baselineDir: optional(readInput(env, 'baseline'), inWorkspace('baseline')),
    waiverPath: optional(readInput(env, 'waiver'), inWorkspace('waiver')),
    trustedRef: optional(readInput(env, 'trusted-ref'), (ref) => refName('trusted-ref', ref)),
    baseUrl: mergeDir === undefined ? serverUrls('base-url', required(env, 'base-url')) : '',
    apiKey: readInput(env, 'api-key'),
    model: readInput(env, 'model'),
    judgeBaseUrl: optional(readInput(env, 'judge-base-url'), (urls) => serverUrls('judge-base-url', urls)),
    judgeApiKey: readInput(env, 'judge-api-key'),
    judgeModel: readInput(env, 'judge-model'),
    ledgerKey: readInput(env, 'ledger-key'),
    outDir: readOutDir(env),
    // Answers stand in the state directory: the runner empties its temporary one, and nobody uploads it by accident.
    stateDir: ownFolder(
      'state-dir',
      readInput(env, 'state-dir') ?? join(scratch, `mixgate-state-${randomUUID()}`),
      workspace,
    ),
    shard: optional(readInput(env, 'shard'), parseShardOption),
    mergeDir,
    comment: parseCommentMode(readInput(env, 'comment')),
    checkRun: parseSwitch('check-run', readInput(env, 'check-run')),
    receiptsBranch: optional(readInput(env, 'receipts-branch'), (ref) => refName('receipts-branch', ref)),
    pullRequest: optional(readInput(env, 'pull-request'), pullRequestNumber),
  };
}

/** @throws ConfigError INPUT_CONFLICT or OUT_IS_STATE: of two inputs that exclude each other none is left out quietly */
function refuseConflicts(inputs: ActionInputs): void {
  const { shard, mergeDir, baselineDir, checkRun, receiptsBranch, outDir, stateDir } = inputs;
  refuseStateAsOut({ outDir, stateDir });
  if (shard === undefined) return;
  const others: readonly (readonly [InputName, boolean])[] = [
    ['merge', mergeDir !== undefined],
    ['baseline', baselineDir !== undefined],
    ['check-run', checkRun],
    ['receipts-branch', receiptsBranch !== undefined],
  ];
  const conflict = others.find(([, given]) => given);
  if (conflict === undefined) return;
  throw new ConfigError({
    code: 'INPUT_CONFLICT',
    where: `input ${conflict[0]}`,
    expected: 'none beside input shard: a shard decides and publishes nothing',
    got: 'both',
    remedy: `give \`${conflict[0]}:\` to the job that merges the shards`,
  });
}

/**
 * Where the policy stands in the workspace.
 *
 * @throws ConfigError INPUT_MISSING, INPUT_OUTSIDE
 */
export function readPolicyPath(env: Env): string {
  return insideWorkspace('policy', required(env, 'policy'), readWorkspace(env));
}

function readOutDir(env: Env): string {
  return ownFolder('out', readInput(env, 'out') ?? 'mixgate-out', readWorkspace(env));
}

/**
 * Takes away, before anything can go wrong, what a head has committed where this run's receipt is uploaded from.
 *
 * @throws ConfigError INPUT_OUTSIDE, OUT_IS_BASELINE
 */
export function clearOutDir(env: Env): void {
  const outDir = readOutDir(env);
  const baselineDir = optional(readInput(env, 'baseline'), (path) => resolve(readWorkspace(env), path));
  refuseBaselineAsOut({ outDir, baselineDir });
  removeReceiptFiles(outDir);
}

/** The checkout, as an absolute path. */
export function readWorkspace(env: Env): string {
  return resolve(env.GITHUB_WORKSPACE ?? '.');
}

/** Warnings for inputs that nothing reads: a misspelt `baseline` must not vanish without a word. */
export function describeUnknownInputs(env: Env): string[] {
  const known: readonly string[] = inputNames;
  const given = Object.entries(env).flatMap(([key, value]) =>
    key.startsWith('INPUT_') && value !== undefined && value !== '' ? [key.slice(6).toLowerCase()] : [],
  );
  return given
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = nearestOf(name, known);
      const advice = nearest === undefined ? 'remove it' : `the nearest known input is ${show(nearest)}`;
      return `input ${show(name)} is not known and has no effect: ${advice}`;
    });
}

/** @throws ConfigError INPUT_INVALID */
export function parseCommentMode(value: string | undefined): CommentMode {
  const mode = commentModes.find((one) => one === (value ?? 'always'));
  if (mode !== undefined) return mode;
  const expected = commentModes.join(', ');
  throw invalidInput('comment', {
    expected,
    got: show(value ?? ''),
    remedy: 'write one of the three under `with:`',
  });
}

function required(env: Env, name: InputName): string {
  const value = readInput(env, name);
  if (value !== undefined) return value;
  throw new ConfigError({
    code: 'INPUT_MISSING',
    where: `input ${name}`,
    expected: 'a value',
    got: 'nothing',
    remedy: `add \`${name}:\` under \`with:\` of this step; a secret or variable that is not set is empty`,
  });
}

function optional<T>(value: string | undefined, parse: (value: string) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}
