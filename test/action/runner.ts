import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const sourceEntry = join(root, 'src/action/index.ts');
export const bundleEntry = join(root, 'dist/action/index.js');
/** The same tests hold for a bundle: `MIXGATE_ACTION_ENTRY=dist/action/index.js npx vitest run test/action`. */
const usualEntry = resolve(root, process.env.MIXGATE_ACTION_ENTRY ?? sourceEntry);

/** Halves the time that a step takes to start. */
const compileCache = join(tmpdir(), 'mixgate-test-compile-cache');

/** A command that GitHub's runner would have carried out. */
export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

export interface StepResult {
  readonly exitCode: number | null;
  /** Carried-out commands, in order. */
  readonly commands: readonly Command[];
  /** All other lines of stdout and stderr. */
  readonly log: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly durationMs: number;
}

/** All that the runner knows; registered in ActionCommandManager.cs and its command extensions. */
const registered = new Set([
  ...['internal-set-repo-path', 'set-env', 'set-output', 'save-state', 'add-path', 'add-mask', 'add-matcher'],
  ...['remove-matcher', 'debug', 'warning', 'error', 'notice', 'group', 'endgroup', 'echo', 'stop-commands'],
]);
/** What an Action of ours may say. */
export const allowed = new Set(['error', 'warning', 'notice', 'add-mask']);

/** A workspace of its own with the runner's files around it. */
export interface Workspace {
  readonly path: string;
  readonly temp: string;
  write(name: string, content: string): void;
}

export function makeWorkspace(): Workspace {
  const base = mkdtempSync(join(tmpdir(), 'mixgate-job-'));
  const path = join(base, 'workspace');
  const temp = join(base, 'temp');
  mkdirSync(path);
  mkdirSync(temp);
  return {
    path,
    temp,
    write: (name, content) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    },
  };
}

export interface Step {
  readonly workspace: Workspace;
  readonly inputs: Readonly<Record<string, string>>;
  readonly event: { readonly name: string; readonly payload: unknown };
  readonly apiUrl: string;
  readonly entry?: string;
  readonly runId?: number;
  readonly attempt?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent as soon as the condition holds. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly when: () => boolean };
}

/** Runs one step as the runner does: a child process, inputs as `INPUT_*`, files for outputs and summary. */
export async function runStep(step: Step): Promise<StepResult> {
  const folder = mkdtempSync(join(step.workspace.temp, 'step-'));
  const output = join(folder, 'output');
  const summary = join(folder, 'summary');
  const event = join(folder, 'event.json');
  writeFileSync(output, '');
  writeFileSync(summary, '');
  writeFileSync(event, JSON.stringify(step.event.payload));
  const started = performance.now();
  const { exitCode, text } = await spawnStep(step, {
    ...inputVariables(step.inputs),
    ...jobVariables(step),
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_EVENT_PATH: event,
    ...step.env,
  });
  return {
    exitCode,
    ...parseLog(text),
    outputs: parseOutputs(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
    durationMs: performance.now() - started,
  };
}

/** Hyphens stay, as in the runner; no shell could export such names. */
function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

function jobVariables(step: Step): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: step.workspace.temp,
    CI: 'true',
    NODE_COMPILE_CACHE: compileCache,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: step.workspace.path,
    RUNNER_TEMP: step.workspace.temp,
    GITHUB_API_URL: step.apiUrl,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/models',
    GITHUB_EVENT_NAME: step.event.name,
    GITHUB_RUN_ID: String(step.runId ?? 500),
    GITHUB_RUN_ATTEMPT: String(step.attempt ?? 1),
    GITHUB_SHA: 'c'.repeat(40),
    GITHUB_REF: 'refs/pull/1/merge',
    GITHUB_WORKFLOW_REF: 'acme/models/.github/workflows/gate.yml@refs/pull/1/merge',
    GITHUB_WORKFLOW_SHA: 'c'.repeat(40),
    GITHUB_ACTION_REPOSITORY: 'acme/mixgate',
    GITHUB_ACTION_REF: 'v1',
  };
}

async function spawnStep(
  step: Step,
  env: Readonly<Record<string, string>>,
): Promise<{ exitCode: number | null; text: string }> {
  const child = spawn(process.execPath, [step.entry ?? usualEntry], {
    cwd: step.workspace.path,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('utf8');
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const poll = setInterval(() => {
    if (step.signal?.when() !== true) return;
    clearInterval(poll);
    child.kill(step.signal.name);
  }, 20);
  const exitCode = await new Promise<number | null>((done) => child.on('close', done));
  clearInterval(poll);
  return { exitCode, text };
}

/** Reads a log by the runner's own grammar (ActionCommand.cs, OutputManager.cs): .NET lines, V2, then V1. */
export function parseLog(text: string): { commands: Command[]; log: string[] } {
  const commands: Command[] = [];
  const log: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const command = parseV2(line) ?? parseV1(line);
    if (command === null) log.push(line);
    else commands.push(command);
  }
  return { commands, log };
}

/** `::name key=value,key=value::message` at the start of a line, after white space. */
function parseV2(line: string): Command | null {
  // .NET's TrimStart also takes U+0085, which JavaScript's does not.
  const trimmed = line.replace(/^[\s\u0085]+/, '');
  if (!trimmed.startsWith('::')) return null;
  const end = trimmed.indexOf('::', 2);
  return end < 0 ? null : build(trimmed.slice(2, end), trimmed.slice(end + 2), ',');
}

/** `##[name key=value;key=value]message` anywhere in a line. */
function parseV1(line: string): Command | null {
  const start = line.indexOf('##[');
  const end = line.indexOf(']', start);
  return start < 0 || end < 0 ? null : build(line.slice(start + 3, end), line.slice(end + 1), ';');
}

function build(info: string, message: string, separator: string): Command | null {
  const space = info.indexOf(' ');
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase();
  if (!registered.has(name)) return null;
  const pairs = space < 0 ? [] : info.slice(space + 1).split(separator);
  const properties = pairs.flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [] : [[pair.slice(0, equals).trim(), decodeEscapes(pair.slice(equals + 1))]];
  });
  return { name, properties: Object.fromEntries(properties), message: decodeEscapes(message) };
}

function decodeEscapes(text: string): string {
  const marks: Record<string, string> = { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' };
  return text.replace(/%(?:0D|0A|3A|2C|25)/g, (mark) => marks[mark] ?? mark);
}

/** The file of `name<<delimiter` blocks; a later value of a name replaces an earlier one. */
export function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(lines[index] ?? '') ?? [];
    if (name === undefined || delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, index + 1);
    outputs[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return outputs;
}

/** A minimal payload of the kind that GitHub sends. */
export function pullRequestEvent(number = 1): { name: string; payload: unknown } {
  const repo = { full_name: 'acme/models' };
  return {
    name: 'pull_request',
    payload: {
      action: 'synchronize',
      number,
      pull_request: {
        number,
        head: { sha: 'a'.repeat(40), ref: 'release', repo },
        base: { sha: 'b'.repeat(40), ref: 'main', repo },
      },
      repository: repo,
    },
  };
}

export const hasBundle = existsSync(bundleEntry);
