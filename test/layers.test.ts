import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '..', 'src');

/** Folders in the direction in which data flows: a module imports from its own folder or from those before. */
const flow = [
  'config',
  'suite',
  'inference',
  'judge',
  'analysis',
  'gate',
  'receipt',
  'report',
  'publish',
  'simulate',
  'run',
  'cli',
  'action',
];

/** Folders in which two modules still import each other. */
const ringed = ['suite', 'gate'];

/** Folders that compute and never reach out; `config` reads the policy's own file for its callers. */
const pure = ['suite', 'judge', 'analysis', 'gate', 'receipt', 'report'];

const modules = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file.includes('/'))
  .map((file) => ({ file, folder: file.split('/')[0] ?? '', text: readFileSync(join(src, file), 'utf8') }));

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import) '([^']+)'/g)].map(([, path]) => path ?? '');
}

/** The modules that one imports, as `modules` names them. */
function importsWithin(file: string, text: string): string[] {
  return importsOf(text)
    .filter((path) => path.startsWith('.'))
    .map((path) => posix.join(posix.dirname(file), path));
}

describe('the shape of the source', () => {
  it('has only the folders of the design', () => {
    expect([...new Set(modules.map(({ folder }) => folder))].sort()).toEqual([...flow].sort());
  });

  it('imports down the flow of data', () => {
    const upward = modules.flatMap(({ file, folder, text }) =>
      importsOf(text)
        .map((path) => /^\.\.\/([a-z]+)\//.exec(path)?.[1])
        .filter((other) => other !== undefined && flow.indexOf(other) > flow.indexOf(folder))
        .map((other) => `${file} imports ${other}`),
    );
    expect(upward).toEqual([]);
  });

  // Types count: a ring of them is a subject that has no place of its own.
  it.each(flow.filter((folder) => !ringed.includes(folder)))('has no ring of modules in %s', (folder) => {
    const own = modules.filter((one) => one.folder === folder);
    const open = new Map(own.map(({ file, text }) => [file, importsWithin(file, text)]));
    // What imports nothing that is left is taken away, until there is nothing or a ring.
    for (let before = -1; before !== open.size; ) {
      before = open.size;
      for (const [file, imports] of open) if (!imports.some((other) => open.has(other))) open.delete(file);
    }
    expect([...open.keys()]).toEqual([]);
  });

  it('keeps disk, network, clock and chance out of the pure folders', () => {
    const reaching = modules
      .filter(({ folder }) => pure.includes(folder))
      .filter(
        ({ text }) =>
          importsOf(text).some((path) => /^node:(fs|net|http|https|child_process|os)/.test(path)) ||
          /\b(Date\.now|new Date\(\)|Math\.random|process\.)/.test(text),
      );
    expect(reaching.map(({ file }) => file)).toEqual([]);
  });

  it('never writes to the console', () => {
    expect(modules.filter(({ text }) => /\bconsole\./.test(text)).map(({ file }) => file)).toEqual([]);
  });
});
