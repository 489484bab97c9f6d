import { closeSync, openSync, readSync } from 'node:fs';

/** A line of a file, counted from 1; `ended` tells whether a line end follows it. */
export interface FileLine {
  readonly text: string;
  readonly number: number;
  readonly ended: boolean;
}

const chunkBytes = 1 << 20;

/** Reads a file line by line, so that a large one takes no more memory than a small one. */
export function* readLines(file: string): Generator<FileLine> {
  const handle = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
        number += 1;
        yield { text: bytes.toString('utf8', start, end), number, ended: true };
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
    if (rest.length > 0) yield { text: rest.toString('utf8'), number: number + 1, ended: false };
  } finally {
    closeSync(handle);
  }
}
