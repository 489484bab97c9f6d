import { harmless, type Log } from '../config/log.ts';

/** Writes a command's result to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Writes what a command found, as JSON or in words. Names in it come from files and servers: neither form can be read
 * as a command by a runner whose log this is.
 */
export function printResult(json: boolean | undefined, value: unknown, words: () => string): void {
  print(json === true ? jsonForLogs(value) : harmlessLines(words()));
}

/** Text of several lines, each of them harmless in a runner's log. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

/**
 * JSON that a runner's log cannot read as a command: `::` and `##[` stand only inside its texts, where an escape
 * keeps the value.
 */
function jsonForLogs(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('::', ':\\u003a').replaceAll('##[', '#\\u0023[');
}

const lineEveryMs = 10_000;

/** A log on a terminal. */
export interface TerminalLog extends Log {
  /** Ends an open progress line, so that what is written next has a line of its own. */
  end(): void;
}

/**
 * Messages on standard error: on a terminal progress is one line that is written over, elsewhere (CI) a line every
 * ten seconds. Everything passes through `harmless`.
 */
export function terminalLog(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  now: () => number,
): TerminalLog {
  let open = false;
  let lastLineAt = Number.NEGATIVE_INFINITY;
  const line = (text: string) => {
    stream.write(`${open ? '\n' : ''}${harmless(text)}\n`);
    open = false;
  };
  return {
    info: line,
    end: () => {
      if (open) stream.write('\n');
      open = false;
    },
    warn: (text) => line(`warning: ${text}`),
    progress: (text) => {
      if (stream.isTTY) {
        stream.write(`\r\u001b[2K${harmless(text)}`);
        open = true;
      } else if (now() - lastLineAt >= lineEveryMs) {
        lastLineAt = now();
        line(text);
      }
    },
  };
}

/** A signal that the first SIGINT or SIGTERM aborts; a second one ends the process at once. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new Error(name)));
  }
  return controller.signal;
}
