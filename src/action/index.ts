import { setTimeout as sleep } from 'node:timers/promises';
import { openAction } from './run-action.ts';

const cancel = new AbortController();
const tools = {
  now: () => new Date(),
  sleep: async (ms: number, signal: AbortSignal) => await sleep(ms, undefined, { signal }),
  signal: cancel.signal,
};
const action = openAction(process.env, tools);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends us at once, as the system does by default.
  process.once(signal, () => cancel.abort(new Error(`cancelled by ${signal}`)));
}
// Node would print the error as it is, and whatever it quotes might be a command to the runner.
process.once('uncaughtException', async (error) => process.exit(await action.crash(error)));

// Node would print a warning as it is too.
process.removeAllListeners('warning').on('warning', ({ message }) => action.warn(message));

process.exitCode = await action.run();
// Connections that are kept alive, or a gate that did not notice its cancellation, must not hold the job.
setTimeout(() => process.exit(), 200).unref();
