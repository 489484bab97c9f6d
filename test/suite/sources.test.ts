import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSources, normalizeRequest } from '../../src/suite/sources.ts';
import { refusalOf } from '../config/complaints.ts';
import { makeFiles, makePolicy, makeSources, rows } from './make-suite.ts';

const asked = (request: string, id = request) => ({ id, request, response: 'r' });

describe('normalizeRequest', () => {
  it.each([
    ['How do I?', 'how do i'],
    ['  How,  do\tI ?!', 'HOW DO I'],
    ['caf\u00e9', 'cafe\u0301'],
    ['ＡＢＣ １', 'abc 1'],
    ['??', ' ?? '],
  ])('takes %j and %j for the same', (one, other) => {
    expect(normalizeRequest(one)).toBe(normalizeRequest(other));
  });

  it.each([
    ['how do I', 'how do you'],
    ['caf\u00e9', 'cafe'],
    ['code 12', 'code 1 2'],
    // In Devanagari the vowels of these two are marks, not letters.
    ['\u0915\u093f', '\u0915\u093e'],
    ['???', '!!!'],
  ])('takes %j and %j for different', (one, other) => {
    expect(normalizeRequest(one)).not.toBe(normalizeRequest(other));
  });

  it('gives no empty key to a text that is not empty, and changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const key = normalizeRequest(text);
        if (text.trim() !== '') expect(key).not.toBe('');
        expect(normalizeRequest(key)).toBe(key);
      }),
      { seed: 1 },
    );
  });
});

describe('loadSources', () => {
  const policy = makePolicy();

  it('counts a request once in the suite: queries before controls before harmful before benign', () => {
    const sources = makeSources(policy, {
      'asked.jsonl': [asked('One'), asked('one?'), asked('two')],
      'everyday.jsonl': [asked('ONE!'), asked('three')],
      'harmful.jsonl': [asked('two.'), asked('three'), asked('four'), asked('four', 'again')],
      'benign.jsonl': [asked('four'), asked('five'), asked('  one ')],
    });
    const requests = [sources.queries, sources.controls, sources.harmful, sources.benign].map((list) =>
      list.flatMap(({ usable }) => usable.map(({ request }) => request)),
    );
    expect(requests).toEqual([['One', 'two'], ['three'], ['four'], ['five']]);
    expect(sources.harmful[0]?.fileRows).toBe(4);
  });

  it('keeps name, licence, sample and the hash of the bytes', () => {
    const bytes = Buffer.from(
      makeFiles()
        ['asked.jsonl']?.map((row) => JSON.stringify(row))
        .join('\n') ?? '',
    );
    const [source] = loadSources(policy.suite, () => bytes).queries;
    expect(source).toMatchObject({
      name: 'asked',
      licence: null,
      sample: 12,
      fileRows: 50,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  it('asks for each file once, by its location', () => {
    const asked: string[] = [];
    loadSources(policy.suite, (location) => {
      asked.push(location);
      return Buffer.from(
        rows(location, 2)
          .map((row) => JSON.stringify(row))
          .join('\n'),
      );
    });
    expect(asked).toEqual(['asked.jsonl', 'everyday.jsonl', 'harmful.jsonl', 'benign.jsonl']);
  });

  it('refuses a file whose hash is not the policy’s', () => {
    const [list] = policy.suite.queries;
    const suite = {
      ...policy.suite,
      queries: list === undefined ? [] : [{ ...list, sha256: '0'.repeat(64) }],
    };
    expect(refusalOf(() => makeSources({ ...policy, suite }))).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('0'.repeat(64)),
    });
  });
});
