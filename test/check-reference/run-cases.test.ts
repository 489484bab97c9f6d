import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runFile } from './run-cases.ts';

const folder = new URL('../reference/stats/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const fileSchema = z.looseObject({
  cases: z.array(
    z.looseObject({
      id: z.string(),
      input: z.record(z.string(), z.unknown()),
      expected: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** The notes of all misses in a file of which one case has been changed. */
function missesAfter(name: string, id: string, change: (reference: Record<string, unknown>) => unknown) {
  const file = fileSchema.parse(JSON.parse(read(name)));
  const cases = file.cases.map((reference) => (reference.id === id ? change(reference) : reference));
  return notesOf(JSON.stringify({ ...file, cases }));
}

function notesOf(text: string): string[] {
  return runFile(text).flatMap(({ items }) =>
    items.filter(({ verdict }) => verdict === 'miss').map(({ where, note }) => `${where}: ${note}`),
  );
}

function withFields(part: 'input' | 'expected', fields: Record<string, unknown>) {
  return (reference: Record<string, unknown>) => ({
    ...reference,
    [part]: { ...z.record(z.string(), z.unknown()).parse(reference[part]), ...fields },
  });
}

describe('cases of our own, at other levels, counts, tails and clusterings', () => {
  const own = new URL('../reference/more/', import.meta.url);
  for (const name of readdirSync(own).filter((file) => file.endsWith('.json'))) {
    test(`are met by the source: ${name}`, () => {
      expect(notesOf(readFileSync(new URL(name, own), 'utf8'))).toEqual([]);
    });
  }
});

describe('the reference results', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    test(`are met by the source: ${name}`, () => {
      expect(notesOf(read(name))).toEqual([]);
    });
  }

  test('only what the reference itself calls optional, or could not estimate, is not compared', () => {
    const apart = readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .flatMap((name) => runFile(read(name)))
      .flatMap(({ id, items }) =>
        items.filter(({ verdict }) => verdict.startsWith('not')).map(({ where }) => `${id} ${where}`),
      );
    expect(apart.sort()).toEqual([
      'crossed-3ctx CR2_context',
      'nested-blocks-6ctx CR2_context',
      'unbalanced-5ctx CR2_context',
      'unbalanced-5ctx stratified_beta2',
    ]);
  });
});

describe('the comparison', () => {
  const wilson = 'single-3-96-95';

  test('misses a figure beyond its tolerance, and a figure in place of another', () => {
    const near = withFields('expected', { estimate: 0.03125 * (1 + 2e-9) });
    expect(missesAfter('proportions.json', wilson, near)).toEqual([
      expect.stringMatching(/^estimate: expected 0.0312500000\d+, got 0.03125$/),
    ]);
    const swapped = withFields('expected', { wilson: [0.006491454769864336, 0.08861809966156096] });
    expect(missesAfter('proportions.json', wilson, swapped)).toHaveLength(2);
  });

  test('misses a field that the source does not give, in the results and in the input', () => {
    const expected = withFields('expected', { agresti_coull: [0, 1] });
    expect(missesAfter('proportions.json', wilson, expected)).toEqual(['agresti_coull: unknown field']);
    const input = withFields('input', { weights: [1] });
    expect(missesAfter('proportions.json', wilson, input)).toEqual([expect.stringContaining('weights')]);
    const nested = withFields('expected', { tests: [{ coef_index: 1, score: 3 }] });
    expect(missesAfter('firth.json', 'rare', nested)).toEqual(['tests[0].score: unknown field']);
  });

  test('misses an unknown topic, another format, a file that is no JSON, and a file without cases', () => {
    expect(notesOf('{"format": "stats-reference/1", "topic": "tarot", "cases": [{}]}')).toHaveLength(1);
    expect(notesOf(read('proportions.json').replace('single and paired', 'triple'))).toHaveLength(41);
    for (const text of ['', '[]', read('proportions.json').replace('reference/1', 'reference/2')]) {
      expect(notesOf(text)).toHaveLength(1);
    }
    expect(notesOf('{"format": "stats-reference/1", "topic": "multiple testing", "cases": []}')).toHaveLength(
      1,
    );
  });

  test('misses an unavailable figure that is expected, and an expected absence that is not there', () => {
    expect(missesAfter('proportions.json', 'single-0-0', withFields('expected', { estimate: 0 }))).toEqual([
      expect.stringContaining('got unavailable: no trials'),
    ]);
    expect(missesAfter('proportions.json', wilson, withFields('expected', { estimate: null }))).toEqual([
      expect.stringContaining('expected unavailable, got 0.03125'),
    ]);
  });

  test('misses a case with nothing to compare, and one without a tolerance', () => {
    const empty = (reference: Record<string, unknown>) => ({ ...reference, expected: {} });
    expect(missesAfter('proportions.json', wilson, empty)).toEqual(['expected: nothing to compare']);
    const bare = ({ tolerance: _, ...reference }: Record<string, unknown>) => reference;
    expect(missesAfter('proportions.json', wilson, bare)).toHaveLength(1);
  });

  test('takes an impossible figure for not estimable only where its own standard error says so', () => {
    const plausible = withFields('expected', {
      stratified_beta2: { model: 'y ~ factor(n_h) + x_b', beta2: 0.1, test_CR1_context: { se: 0.2 } },
    });
    expect(missesAfter('logistic.json', 'unbalanced-5ctx', plausible)).not.toEqual([]);
  });
});
