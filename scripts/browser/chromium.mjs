// A headless Chromium over its debugging pipe (file descriptors 3 and 4): no port, no download, no library.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, or of the variable CHROMIUM; undefined where there is none. */
export function findChromium() {
  return [process.env.CHROMIUM ?? '', ...places].find((file) => file !== '' && existsSync(file));
}

/** Starts it with a profile of its own. `send` speaks the DevTools protocol, `on` hears every event. */
export function startChromium(file) {
  const profile = mkdtempSync(join(tmpdir(), 'mixgate-chromium-'));
  const flags = [
    '--headless=new',
    '--remote-debugging-pipe',
    '--disable-gpu',
    '--hide-scrollbars',
    '--no-first-run',
  ];
  // Its sandbox refuses root, and all that it opens here are pages that we wrote ourselves.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(file, [...flags, ...asRoot, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [toBrowser, fromBrowser] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map();
  const listeners = new Set();
  let last = 0;
  readMessages(fromBrowser, (message) => {
    const call = waiting.get(message.id);
    if (call === undefined) {
      for (const listener of listeners) listener(message);
      return;
    }
    waiting.delete(message.id);
    if (message.error === undefined) call.resolve(message.result);
    else call.reject(new Error(`${call.method}: ${message.error.message}`));
  });
  child.once('exit', (code) => {
    for (const { reject, method } of waiting.values())
      reject(new Error(`${method}: Chromium ended (${code})`));
  });
  return {
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject, method });
        toBrowser.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
      }),
    on: (listener) => listeners.add(listener),
    off: (listener) => listeners.delete(listener),
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
          resolve();
        });
        child.kill();
      }),
  };
}

/** Messages end with a NUL; one may come in several pieces. */
function readMessages(stream, handle) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (piece) => {
    const parts = (rest + piece).split('\0');
    rest = parts.pop();
    for (const part of parts) handle(JSON.parse(part));
  });
}
