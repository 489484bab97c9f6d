import type { CommentDraft } from '../../src/publish/comment.ts';
import { bodySha256, renderMarker } from '../../src/publish/marker.ts';
import { buildOctokit, type Octokit } from '../../src/publish/octokit.ts';

/** What the publishing tests share: a draft, a client that notes its sleeps, a comment of an earlier run. */
export const commentsPath = /\/issues\/1\/comments$/;
export const oneCommentPath = /\/issues\/comments\/\d+$/;

export const draft: CommentDraft = {
  repository: 'acme/models',
  pullRequest: 1,
  policyName: 'standard',
  runId: 500,
  attempt: 1,
  startedAt: new Date(0),
  headSha: null,
  body: '## mixgate: pass\n\nall checks hold\n',
  mode: 'always',
  sleep: async () => {},
};

export function buildClient(settings: { apiUrl: string; sleeps: number[]; signal?: AbortSignal }): Octokit {
  return buildOctokit({
    token: 'ghs_token',
    apiUrl: settings.apiUrl,
    signal: settings.signal ?? new AbortController().signal,
    now: () => new Date('2026-11-21T08:00:00Z'),
    sleep: async (ms) => void settings.sleeps.push(ms),
    timeoutMs: 2000,
  });
}

export function marked(overrides: { policyName?: string; runId?: number; body?: string } = {}): string {
  const body = overrides.body ?? 'earlier\n';
  const marker = {
    policyName: 'standard',
    runId: 400,
    attempt: 1,
    ...overrides,
    bodySha256: bodySha256(body),
  };
  return `${renderMarker(marker)}\n${body}`;
}
