import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseYaml } from '../../src/config/parse-yaml.ts';
import { complaintsOf, refusalOf } from './complaints.ts';

const refusal = (text: string) => complaintsOf(() => parseYaml(text, 'p.yml'))[0];

describe('parseYaml', () => {
  it('gives back any plain data that was written as YAML', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        const expected: unknown = JSON.parse(JSON.stringify(value));
        expect(parseYaml(stringify(expected, { aliasDuplicateObjects: false }), 'p.yml').value).toEqual(
          expected,
        );
      }),
      { seed: 1 },
    );
  });

  it.each([
    ['an alias of a text', 'a: &x 1\nb: *x\n', 2],
    ['an alias of an empty mapping, which would expand to nothing', 'a: &x {}\nb:\n  c: *x\n', 3],
    ['an alias that has no anchor', 'a: *x\n', 1],
    ['a merge key', 'a: &x { b: 1 }\nc:\n  <<: *x\n', 3],
    ['an alias as a key', 'a: &x b\n*x : 1\n', 2],
  ])('refuses %s, with its line', (_, text, line) => {
    expect(refusal(text)).toMatchObject({ code: 'YAML_ALIAS', where: `p.yml:${line}`, got: 'an alias' });
  });

  it('refuses a bomb of aliases before it expands', () => {
    const levels = Array.from({ length: 26 }, (_, i) => {
      const below = i === 0 ? 'lol' : `*l${i - 1}`;
      return `k${i}: &l${i} [${Array.from({ length: 10 }, () => below).join(', ')}]`;
    });
    expect(refusal(levels.join('\n'))).toMatchObject({ code: 'YAML_ALIAS', where: 'p.yml:2' });
  });

  it('accepts an anchor that nothing refers to', () => {
    expect(parseYaml('a: &x 1\n', 'p.yml').value).toEqual({ a: 1 });
  });

  it.each([
    ['in block style', 'a: 1\nb: 2\na: 3\n', 3],
    ['in flow style', 'x: 1\ny: { a: 1,\n  a: 2 }\n', 3],
    ['in quotes', 'a: 1\n"a": 2\n', 2],
    ['as a number and as a text', '1: a\n"1": b\n', 2],
    ['deep in a list', 'l:\n  - a: 1\n    b: 2\n    b: 3\n', 4],
    ['in a file with CRLF', 'a: 1\r\nb: 2\r\na: 3\r\n', 3],
  ])('refuses a key that stands twice %s, on the line of the second', (_, text, line) => {
    expect(refusal(text)).toMatchObject({
      code: 'YAML_SYNTAX',
      where: `p.yml:${line}`,
      expected: 'YAML with each key once',
    });
    expect(refusal(text)?.got).toMatch(/^".*" again$/);
  });

  it.each([
    ['an open bracket', 'a: [1, 2\nb: 3\n', 2],
    ['an open quote', 'a: 1\nb: "x\n', 3],
    ['a tab as indentation', 'a:\n\tb: 1\n', 2],
    ['a second document', 'a: 1\n---\nb: 2\n', 2],
    ['an unknown tag', 'a: 1\nb: !js/function x\n', 2],
    ['two mappings on one line', 'a: 1\nb: c: d\n', 2],
    ['another version of YAML', '%YAML 1.1\n---\na: 010\n<<: { b: 1 }\n', 1],
    ['a mapping as a key', 'a: 1\n? { b: 1 }\n: 2\n', 2],
    ['a list as a key', 'a: 1\n? [b]\n: 2\n', 2],
  ])('refuses %s, with its line', (_, text, line) => {
    expect(refusal(text)).toMatchObject({ code: 'YAML_SYNTAX', where: `p.yml:${line}` });
  });

  it('refuses nesting without end as the user’s error, not as ours', () => {
    for (const depth of [2_000, 50_000]) {
      const text = `a: ${'['.repeat(depth)}${']'.repeat(depth)}`;
      expect(refusal(text)).toMatchObject({ code: 'YAML_SYNTAX', where: 'p.yml:1' });
    }
  });

  it.each([
    ['in flow style', '['.repeat(20_000)],
    ['in flow style, closed', `${'['.repeat(300)}${']'.repeat(300)}`],
    ['as mappings', `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`],
    ['as a list in a list', '- '.repeat(3000)],
    ['by explicit keys', '? '.repeat(3000)],
    ['by indentation', Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('refuses what nests without end %s', (_, text) => {
    const found = refusal(text);
    expect(found?.code).toBe('YAML_SYNTAX');
    expect(found?.where).toMatch(/^p\.yml/);
  });

  it('refuses a file of more than a million characters unread', () => {
    expect(parseYaml(`a: ${'x'.repeat(999_997)}`, 'p.yml').value).toEqual({ a: 'x'.repeat(999_997) });
    expect(refusal(`a: ${'x'.repeat(999_998)}`)).toMatchObject({ code: 'FILE_TOO_LARGE', got: '1000001' });
  });

  it('reads tens of thousands of keys without comparing each with each', () => {
    // Quadratic work would take minutes here, and a head ref writes the candidate file.
    const text = Array.from({ length: 80_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect(Object.keys(Object(parseYaml(text, 'p.yml').value))).toHaveLength(80_000);
  });

  it('quotes no more than a short excerpt of the file', () => {
    const long = 'x'.repeat(5_000);
    for (const text of [`a: !${long} 1`, `a: *${long}`, `a: 1\n${long}: 2\n${long}: 3`, `a: "b" ${long}`]) {
      const { complaints } = refusalOf(() => parseYaml(text, 'p.yml'));
      expect(JSON.stringify(complaints).length).toBeLessThan(400);
    }
  });

  it.each([
    ['block', 'a: 1\nb:\n  c:\n    - d: 1\n      e: 2\n'],
    ['block with CRLF', 'a: 1\r\nb:\r\n  c:\r\n    - d: 1\r\n      e: 2\r\n'],
    ['flow', '{ a: 1,\n  b: {\n    c: [\n     { d: 1,\n       e: 2 }] } }'],
    ['a comment and a blank line instead of a key', '# a\n\n  \n\n b: { c: [ { d: 1, e: 2 } ] }'],
  ])('finds the line of a value in %s style', (style, text) => {
    const { locate } = parseYaml(text, 'p.yml');
    const last = style.startsWith('a comment') ? [5, 5, 5, 5] : [2, 3, 4, 5];
    const paths = [['b'], ['b', 'c'], ['b', 'c', 0, 'd'], ['b', 'c', 0, 'e']];
    expect(paths.map((path) => locate(path))).toEqual(last.map((line) => `p.yml:${line}`));
    expect(locate(['b', 'c', 0], 'e')).toBe(`p.yml:${last[3]}`);
  });

  it('gives a value that is not there the line of what should hold it', () => {
    const { locate } = parseYaml('a: 1\nb:\n  c: 2\n', 'p.yml');
    expect([locate(['b', 'x']), locate(['b', 'x', 'y']), locate(['z'])]).toEqual([
      'p.yml:2',
      'p.yml:2',
      'p.yml:1',
    ]);
    expect(parseYaml('', 'p.yml').locate(['a'])).toBe('p.yml:1');
  });
});
