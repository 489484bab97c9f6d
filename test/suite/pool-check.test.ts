import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { sourceFormats } from '../../src/config/suite-policy.ts';
import { checkPool, defaultMaxChars, type PoolReport, type PoolToCheck } from '../../src/suite/pool-check.ts';
import { readAnyQueries } from '../../src/suite/pool-rows.ts';
import { parsePool } from '../../src/suite/source-file.ts';
import { sampleFiles } from './loaders/sample-files.ts';

const lines = (...rows: readonly unknown[]) =>
  rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
const pair = (id: string, request: string, response = 'Yes.') => ({ id, request, response });

function check(text: string, more: Partial<PoolToCheck> = {}): PoolReport {
  return checkPool({
    file: 'pool.jsonl',
    content: Buffer.from(text),
    format: 'mixgate',
    licence: 'MIT',
    maxChars: defaultMaxChars,
    queryLists: [],
    ...more,
  });
}

function queryList(text: string, control = false) {
  return { file: 'queries.csv', control, queries: readAnyQueries(Buffer.from(text), 'queries.csv') };
}

const harmless = [
  pair('a', 'Which river runs through Vienna?', 'The Danube.'),
  pair('b', 'How many strings has a violin?', 'Four strings.'),
  pair('c', 'What do silkworms eat in summer?', 'Mulberry leaves, and nothing else.'),
];

describe('checking a pool', () => {
  it('finds nothing in a good one, and gives its size and hash', () => {
    const rows = harmless.map((row, index) => ({
      ...row,
      category: index < 2 ? 'facts' : 'nature',
      source: 'own',
    }));
    const report = check(lines(...rows));
    expect(report).toMatchObject({
      usable: true,
      rows: 3,
      usableRows: 3,
      licence: 'MIT',
      categories: { facts: 2, nature: 1 },
      sources: { own: 3 },
      requestChars: { min: 30, median: 32, max: 32 },
      responseChars: { min: 11, median: 13, max: 34 },
      fix: [],
    });
    expect(report.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('lists every broken row with its line and id, where a run would stop', () => {
    const report = check(
      lines(
        ...harmless,
        { id: 'no-response', request: 'Why?' },
        { id: 'blank', request: ' ', response: 'Yes.' },
        { id: 'both', request: '', response: 7 },
        '{"id": "torn", "request": "SECRET',
        '',
        [1],
        pair('a', 'What is the tallest tree?'),
      ),
    );
    expect(report.usable).toBe(false);
    expect(report.findings.malformed).toEqual([
      { line: 4, id: 'no-response', what: 'response is missing' },
      { line: 6, id: 'both', what: 'request is empty, response is no text' },
      { line: 7, id: null, what: 'no JSON object' },
      { line: 9, id: null, what: 'no object' },
    ]);
    expect(report.findings.empty).toEqual([{ line: 5, id: 'blank', what: 'request is empty' }]);
    expect(report.findings.repeatedIds).toEqual([{ line: 10, id: 'a', what: 'the id of line 1' }]);
    expect(report.fix.slice(0, 3)).toEqual([
      'correct or remove the malformed rows: each needs id, request and response, as text',
      'fill or remove the empty rows: a demonstration has a request and a response',
      'give each row an id of its own',
    ]);
  });

  it('finds requests that repeat, whatever their case and marks', () => {
    const report = check(lines(...harmless, pair('d', 'WHICH river runs  through Vienna')));
    expect(report).toMatchObject({ usable: true, rows: 4, usableRows: 3 });
    expect(report.findings.duplicates).toEqual([{ line: 4, id: 'd', what: 'the request of a (line 1)' }]);
  });

  it('finds requests that a query asks, exactly or nearly', () => {
    const list = queryList(
      'id,request\nq1,"How many strings has a violin!"\nq2,Which wide river runs through Vienna?\n',
    );
    const report = check(lines(...harmless), { queryLists: [list] });
    expect(report).toMatchObject({
      usable: true,
      usableRows: 1,
      queries: [{ file: 'queries.csv', rows: 2 }],
    });
    expect(report.findings.contaminated).toEqual([{ line: 2, id: 'b', what: 'the query q1 of queries.csv' }]);
    expect(report.findings.nearlyContaminated).toEqual([
      { line: 1, id: 'a', what: 'nearly a query of queries.csv' },
    ]);
    expect(report.fix.join()).toContain('replace the rows that ask what a query asks, or nearly');
  });

  it('does not compare placeholders by their words, which all have', () => {
    const list = queryList(
      'id,request\nq1,[redacted harmful request about some category or other with the number 1]\n',
    );
    const report = check(
      lines(pair('p', '[redacted harmful request about some category or other with the number 2]')),
      { queryLists: [list] },
    );
    expect(report).toMatchObject({ usableRows: 1, placeholders: 1 });
  });

  it('holds short control queries to equality alone', () => {
    const text = 'id,request\nq1,How many strings has one violin?\n';
    expect(check(lines(...harmless), { queryLists: [queryList(text)] }).usableRows).toBe(2);
    expect(check(lines(...harmless), { queryLists: [queryList(text, true)] }).usableRows).toBe(3);
  });

  it('reads query lists in their published layout, filtered rows included', () => {
    for (const { file, text } of sampleFiles) {
      const queries = readAnyQueries(Buffer.from(text), file);
      expect(queries.length).toBeGreaterThan(0);
    }
    const [xstest] = sampleFiles.filter(({ format }) => format === 'xstest');
    expect(readAnyQueries(Buffer.from(xstest?.text ?? ''), 'x.csv')).toHaveLength(2);
  });

  it('refuses a query list that it cannot read whole', () => {
    const read = () => readAnyQueries(Buffer.from('id,request\n1,Why?\n2,\n'), 'q.csv');
    expect(read).toThrow(ConfigError);
    expect(read).toThrow('q.csv:3 request: expected a text that is not empty, got an empty text');
  });

  it('tells over-long rows with the limit, and still takes them', () => {
    const report = check(lines(...harmless, pair('long', 'Why so long?', 'x'.repeat(101))), {
      maxChars: 100,
    });
    expect(report).toMatchObject({ usable: true, usableRows: 4, maxChars: 100 });
    expect(report.findings.overLong).toEqual([{ line: 4, id: 'long', what: 'response has 101 characters' }]);
    expect(report.fix.join()).toContain('above 100 characters');
  });

  it('asks for a licence, for redacted: true and for the format where they are needed', () => {
    const alpaca = JSON.stringify([{ instruction: '[redacted 1]', input: '', output: '[redacted answer]' }]);
    const report = check(alpaca, { licence: null, format: 'alpaca' });
    expect(report).toMatchObject({ usable: true, placeholders: 1, licence: null });
    expect(report.fix.map((one) => one.split(':')[0])).toEqual([
      'mark the pool redacted',
      'state its licence',
      'keep format',
    ]);
  });

  it('is not usable where nothing is left to draw from', () => {
    const list = queryList('id,request\nq1,How many strings has a violin?\n');
    const report = check(lines(pair('b', 'How many strings has a violin?')), { queryLists: [list] });
    expect(report).toMatchObject({ usable: false, usableRows: 0 });
  });

  it('tells rows of one line apart', () => {
    const report = check(JSON.stringify([...harmless, pair('d', 'Which river runs through Vienna?')]));
    expect(report).toMatchObject({ rows: 4, usableRows: 3 });
  });

  it('calls usable what a run takes, and nothing else', () => {
    const field = fc.oneof(fc.string(), fc.constantFrom('', ' ', null, 7), fc.constant(undefined));
    const row = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          id: fc.string({ minLength: 1 }),
          request: fc.string(),
          response: fc.string(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ id: field, request: field, response: field }, { requiredKeys: [] }),
      },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
    );
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...sourceFormats),
        (rows, format) => {
          const text = lines(...rows.map((one) => JSON.stringify(one)));
          let taken = true;
          try {
            parsePool(Buffer.from(text), 'pool.jsonl', format);
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            taken = false;
          }
          let usable = false;
          try {
            usable = check(text, { format }).usable;
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
          }
          expect(usable).toBe(taken);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never reports a row’s text', () => {
    const secret = 'SECRETSECRET';
    const field = fc.constantFrom(secret, `${secret}${'x'.repeat(80)}`, '', ' ', 7, null);
    const row = fc.record(
      {
        id: fc.constantFrom('a', 'b', 3, ''),
        request: field,
        response: field,
        category: fc.constant(secret.repeat(6)),
      },
      { requiredKeys: ['id'] },
    );
    const list = queryList(`id,request\nq,${secret}\n`);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.nat(60), (rows, cut) => {
        const text = lines(...rows);
        let said: string;
        try {
          said = JSON.stringify(
            check(text.slice(0, text.length - cut), { queryLists: [list], maxChars: 20 }),
          );
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          said = JSON.stringify(error.complaints);
        }
        expect(said).not.toContain(secret);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('rows that nearly repeat an earlier one', () => {
  it('are listed with it, and stay usable; repetitions and placeholders are told apart', () => {
    const report = check(
      lines(
        ...harmless,
        pair('d', 'Which big river runs through Vienna?'),
        pair('e', 'Which RIVER runs through Vienna'),
        pair('f', 'Which mountain stands near Vienna?'),
        pair('g', '[redacted request, number 1]', '[redacted]'),
        pair('h', '[redacted request, number 2]', '[redacted]'),
      ),
    );
    expect(report.findings.nearDuplicates).toEqual([
      { line: 4, id: 'd', what: 'nearly the request of a (line 1)' },
    ]);
    expect(report.findings.duplicates).toMatchObject([{ line: 5, id: 'e' }]);
    expect(report.usableRows).toBe(7);
    expect(report.fix.join(' ')).toContain('nearly repeat an earlier request');
  });
});
