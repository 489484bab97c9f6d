import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../cli/command.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const pages = [
  ...guides,
  'docs/github.md',
  'docs/security.md',
  'docs/pools.md',
  'docs/scaling.md',
  'docs/signatures.md',
  'SECURITY.md',
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** As GitHub makes anchors of headings. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

describe.each(pages)('%s', (page) => {
  it('links only to what is there', () => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    for (const link of links.filter((one) => !/^https?:/.test(one))) {
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? join(root, page) : resolve(root, dirname(page), path);
      expect([link, existsSync(file)]).toEqual([link, true]);
      if (anchor !== undefined)
        expect([link, anchorsOf(readFileSync(file, 'utf8'))]).toEqual([
          link,
          expect.arrayContaining([anchor]),
        ]);
    }
  });

  it('names only tests and decisions that exist', () => {
    const named = [...read(page).matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file);
    for (const file of named) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
  });
});

describe('the commands in the guides', () => {
  it('have the options that they are given', async () => {
    const shown = guides.flatMap((page) =>
      [...read(page).matchAll(/```sh\n([\s\S]*?)```/g), ...read(page).matchAll(/`(mixgate [^`]+)`/g)].map(
        ([, text = '']) => text,
      ),
    );
    const lines = shown
      .flatMap((text) => text.replace(/\\\n\s*/g, ' ').split('\n'))
      .filter((line) => line.trim().startsWith('mixgate '));
    expect(lines.length).toBeGreaterThan(10);
    const help = new Map<string, string>();
    for (const line of lines) {
      const [, name = ''] = /mixgate ((?:(?:pool|judge|baseline|batch|model) )?[a-z]+)/.exec(line) ?? [];
      if (!help.has(name)) help.set(name, (await runCommand([...name.split(' '), '--help'])).stdout);
      for (const [option] of line.replace(/#.*$/, '').matchAll(/--[a-z-]+/g))
        expect([line, help.get(name)]).toEqual([line, expect.stringContaining(option)]);
    }
  });
});
