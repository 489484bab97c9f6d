import { closeSync, openSync, readSync } from 'node:fs';
import { refuseEndless } from '../config/read-named-file.ts';

/** A line of a file, counted from 1; `ended` tells whether a line end follows it. `start` and `length` in bytes. */
export interface FileLine {
  readonly text: string;
  readonly number: number;
  readonly start: number;
  /** Without its end. */
  readonly length: number;
  readonly ended: boolean;
}

const chunkBytes = 1 << 20;

/** Reads a file line by line, so that a large one takes no more memory than a small one. */
export function* readLines(file: string): Generator<FileLine> {
  refuseEndless(file);
  const handle = openSync(file, 'r');
  try {
    yield* linesOf(handle);
  } finally {
    closeSync(handle);
  }
}

/** The same of an open file, from its beginning. */
export function* linesOf(handle: number): Generator<FileLine> {
  const chunk = Buffer.alloc(chunkBytes);
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let at = 0;
  for (;;) {
    const read = readSync(handle, chunk, 0, chunkBytes, at + rest.length);
    if (read === 0) break;
    const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      number += 1;
      const text = bytes.toString('utf8', start, end);
      yield { text, number, start: at + start, length: end - start, ended: true };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    at += start;
  }
  const { length } = rest;
  if (length > 0) yield { text: rest.toString('utf8'), number: number + 1, start: at, length, ended: false };
}
