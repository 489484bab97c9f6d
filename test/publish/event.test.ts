import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { commentObstacle, parseEvent, readEvent } from '../../src/publish/event.ts';

const head = 'a'.repeat(40);
const base = 'b'.repeat(40);
const merge = 'c'.repeat(40);

function pullRequest(headRepo: string | null = 'acme/models'): unknown {
  return {
    action: 'synchronize',
    number: 7,
    pull_request: {
      number: 7,
      draft: false,
      head: { sha: head, ref: 'release', repo: headRepo === null ? null : { full_name: headRepo } },
      base: { sha: base, ref: 'main', repo: { full_name: 'acme/models' } },
    },
    repository: { full_name: 'acme/models' },
  };
}

describe('parseEvent', () => {
  it('takes number, head and base of a pull request, not the merge commit', () => {
    expect(parseEvent('pull_request', pullRequest(), merge)).toEqual({
      kind: 'pullRequest',
      name: 'pull_request',
      number: 7,
      headSha: head,
      baseSha: base,
      fork: false,
    });
  });

  it.each(['pull_request_target', 'pull_request_review', 'pull_request_review_comment'])(
    'takes %s for a pull request, whose own files decide nothing',
    (name) => {
      expect(parseEvent(name, pullRequest(), merge)).toMatchObject({
        ...{ kind: 'pullRequest', name, number: 7, headSha: head, baseSha: base },
      });
    },
  );

  it.each(['mallory/models', null])('knows a fork by its head repository (%j)', (repo) => {
    expect(parseEvent('pull_request', pullRequest(repo), merge)).toMatchObject({ fork: true });
  });

  it('makes do with a number alone', () => {
    expect(parseEvent('pull_request', { pull_request: { number: 3 } }, merge)).toMatchObject({
      number: 3,
      headSha: merge,
      baseSha: null,
      fork: false,
    });
  });

  it('takes the commits of a merge group', () => {
    const event = parseEvent('merge_group', { merge_group: { head_sha: head, base_sha: base } }, head);
    expect(event).toEqual({ kind: 'mergeGroup', name: 'merge_group', headSha: head, baseSha: base });
  });

  it('takes the commits of a push, without a base on a new branch', () => {
    expect(parseEvent('push', { before: base, after: head }, head)).toMatchObject({
      headSha: head,
      baseSha: base,
    });
    expect(parseEvent('push', { before: '0'.repeat(40), after: head }, head)).toMatchObject({
      baseSha: null,
    });
  });

  it.each([
    ['schedule', 'schedule'],
    ['workflow_dispatch', 'dispatch'],
    ['release', 'other'],
    ['', 'other'],
  ])('knows %j', (name, kind) => {
    expect(parseEvent(name, {}, head)).toMatchObject({ kind, headSha: head });
  });

  it.each([
    ['pull_request', {}],
    ['pull_request', { pull_request: { number: '7' } }],
    ['pull_request', { pull_request: { number: 7, head: { sha: '\n::set-output name=verdict::pass' } } }],
    ['merge_group', { merge_group: { head_sha: head } }],
    ['merge_group', null],
  ])('refuses a broken %s payload', (name, payload) => {
    expect(() => parseEvent(name, payload, head)).toThrow(ConfigError);
  });
});

describe('readEvent', () => {
  it('reads the file that the runner names', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'mixgate-')), 'event.json');
    writeFileSync(path, JSON.stringify(pullRequest()));
    expect(readEvent({ GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: path })).toMatchObject({
      number: 7,
    });
  });

  it('says which file is missing', () => {
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: '/nowhere/event.json' };
    expect(() => readEvent(env)).toThrow(/GITHUB_EVENT_PATH/);
  });
});

describe('commentObstacle', () => {
  it('says why there is nothing to comment on', () => {
    const event = { kind: 'schedule', name: 'schedule', headSha: head, baseSha: null } as const;
    expect(commentObstacle(event)).toBe('the event schedule has no pull request');
    const group = { kind: 'mergeGroup', name: 'merge_group', headSha: head, baseSha: base } as const;
    expect(commentObstacle(group)).toContain('merge group');
  });
});
