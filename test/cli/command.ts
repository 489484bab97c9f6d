import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Halves the time that a command takes to start. */
const compileCache = join(tmpdir(), 'mixgate-test-compile-cache');
/** The command's source. */
export const commandEntry = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url));

/** What a `mixgate` command did. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly result: Promise<CommandResult>;
}

/** Starts `mixgate` from its sources, as a process of its own with only this environment. */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const child = spawn(process.execPath, [commandEntry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += String(chunk);
  });
  const result = new Promise<CommandResult>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
  return { child, result };
}

export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return await startCommand(args, env).result;
}

/**
 * Runs a command that can write no file beyond so many KiB, as on a full disk: the write comes back short, then fails.
 */
export async function limitedCommand(
  args: readonly string[],
  kib: number,
): Promise<Pick<CommandResult, 'exitCode' | 'stderr'>> {
  const script = `ulimit -f ${kib}; exec "$0" "$@"`;
  const child = spawn('bash', ['-c', script, process.execPath, commandEntry, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stderr };
}
