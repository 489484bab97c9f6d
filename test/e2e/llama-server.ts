import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(
  new URL('../../node_modules/.cache/mixgate/llama-server/llama-server', import.meta.url),
);

/** llama.cpp's own server: where MIXGATE_LLAMA_SERVER says, on the path, or as scripts/build-llama-server.mjs builds it. */
export const llamaServerPath = [
  process.env.MIXGATE_LLAMA_SERVER ?? '',
  built,
  ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'llama-server')),
].find(isProgram);

/** For the names of tests: a test that is left out says why. */
export const llamaServerWords =
  llamaServerPath === undefined
    ? 'llama.cpp’s own server (SKIPPED: there is none; node scripts/build-llama-server.mjs builds one)'
    : 'llama.cpp’s own server';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  close(): Promise<void>;
}

const fourSlots = ['--parallel', '4', '--ctx-size', '16384'];

/**
 * Starts it on a free port of this machine, with four slots of a whole context, and waits until it answers.
 *
 * @param alias the served name; without one it is the file's path
 */
export async function startLlamaServer(
  modelPath: string,
  alias?: string,
  room: readonly string[] = fourSlots,
): Promise<RunningServer> {
  if (llamaServerPath === undefined) throw new Error('startLlamaServer: there is no llama-server');
  const port = await freePort();
  const named = alias === undefined ? [] : ['--alias', alias];
  const served = ['--model', modelPath, ...named, '--host', '127.0.0.1', '--port', String(port)];
  const child = spawn(llamaServerPath, [...served, ...room, '--threads', '1', '--no-ui'], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const origin = `http://127.0.0.1:${port}`;
  for (let waited = 0; !(await isHealthy(origin)); waited += 1) {
    if (child.exitCode !== null || waited > 300) {
      child.kill('SIGKILL');
      throw new Error(`llama-server does not answer (exit code ${child.exitCode})`);
    }
    await sleep(100);
  }
  return {
    baseUrl: `${origin}/v1`,
    close: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function isHealthy(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/health`)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}
