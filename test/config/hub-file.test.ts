import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { refusals } from './refusals.ts';
import { wholePolicy } from './whole-policy.ts';

const commit = 'f123456789'.repeat(4);

/** The refusals of a policy whose only query list names this. */
const refusalsOf = (source: object) => refusals(policyWith(source));

function policyWith(source: object): string {
  return wholePolicy.replace(
    / {2}queries:\n(?: {4}.*\n)*/,
    `  queries: [${JSON.stringify({ name: 'asked', ...source })}]\n`,
  );
}

const hub = { repo: 'owner/name', revision: commit, file: 'data/test.parquet' };

describe('a source of a hub', () => {
  it('is a dataset’s file at a commit', () => {
    const { suite } = parsePolicy(policyWith({ hub }), 'p.yml');
    expect(suite.queries[0]?.hub).toEqual({ ...hub, type: 'dataset' });
  });

  it.each([['main'], ['v1.0'], [commit.slice(1)], [commit.toUpperCase()], [`${commit}0`], ['refs/pr/1']])(
    'is refused at %s, which can move or is no commit',
    (revision) => {
      const [complaint] = refusalsOf({ hub: { ...hub, revision } });
      expect(complaint?.where).toMatch(/suite\.queries\[0\]\.hub\.revision$/);
      expect(complaint?.expected).toContain('40 hexadecimal digits of a commit');
    },
  );

  it.each([
    ['../name'],
    ['owner'],
    ['owner/name/more'],
    ['owner/..'],
    ['a b/c'],
    ['https://x/y'],
    ['.a/b'],
    ['a/b?c'],
  ])('is refused in the repository %s', (repo) => {
    expect(refusalsOf({ hub: { ...hub, repo } })[0]?.expected).toBe('owner/name');
  });

  it.each([
    ['../secret'],
    ['/etc/passwd'],
    ['a//b'],
    ['a/../b'],
    ['a\\b'],
    ['a?b'],
    ['a#b'],
    [''],
    ['.git/config'],
    ['a%2fb'],
  ])('is refused as the file %j', (file) => {
    expect(refusalsOf({ hub: { ...hub, file } })[0]?.expected).toBe('the path of a file in the repository');
  });

  it('stands in place of a path, and one of the two is needed', () => {
    for (const source of [{ hub, path: 'q.jsonl' }, {}]) {
      expect(refusalsOf(source)).toMatchObject([{ expected: 'either path or hub' }]);
    }
  });

  it('cannot choose its host: the environment does', () => {
    expect(refusalsOf({ hub: { ...hub, endpoint: 'https://elsewhere.example' } })[0]?.expected).toBe(
      'a known key',
    );
    expect(refusalsOf({ hub: { ...hub, type: 'model' } })[0]?.expected).toBe('"dataset"');
  });
});
