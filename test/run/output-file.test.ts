import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { writePage } from '../../src/run/output-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'mixgate-page-'));
const page = (word: string) => `<!doctype html>\n<title>${word}</title>\n`;

function failure(work: () => void): ConfigError {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('a page that the user named', () => {
  it('makes its folder, and replaces an earlier page or an empty file', () => {
    const file = join(folder, 'new', 'page.html');
    writePage(file, page('one'), '--html');
    writePage(file, page('two'), '--html');
    expect(readFileSync(file, 'utf8')).toBe(page('two'));
    const empty = join(folder, 'empty.html');
    writeFileSync(empty, '');
    writePage(empty, page('one'), '--html');
    expect(readFileSync(empty, 'utf8')).toBe(page('one'));
  });

  it('replaces nothing else, also behind a link', () => {
    const receipt = join(folder, 'receipt.json');
    writeFileSync(receipt, '{"schema":"mixgate.receipt/1"}\n');
    const link = join(folder, 'link.html');
    symlinkSync(receipt, link);
    for (const file of [receipt, link, '/dev/null']) {
      const error = failure(() => writePage(file, page('one'), '--html'));
      expect([error.code, error.message]).toEqual(['OUTPUT_TAKEN', expect.stringContaining(file)]);
    }
    expect(readFileSync(receipt, 'utf8')).toBe('{"schema":"mixgate.receipt/1"}\n');
  });

  it('says in words what the disk refuses', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, 'x');
    expect(failure(() => writePage(join(file, 'page.html'), page('one'), '--html')).message).toContain(
      'a file where a folder should be',
    );
    expect(failure(() => writePage(folder, page('one'), '--html')).message).toContain(
      'a folder in its place',
    );
  });
});
