import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MixgateError } from '../../src/config/errors.ts';
import { openCommit } from '../../src/publish/git-files.ts';
import { type GithubServer, startGithub } from './github-server.ts';
import { buildClient } from './publishing.ts';

let github: GithubServer;

beforeAll(async () => {
  github = await startGithub();
});
afterAll(() => github.close());

const entry = fc.record({
  path: fc.oneof(fc.constant('gate.yml'), fc.string()),
  mode: fc.oneof(fc.constantFrom('100644', '120000', '160000', '040000'), fc.anything()),
  sha: fc.oneof(fc.constant('a'.repeat(40)), fc.string()),
  size: fc.oneof(fc.nat(), fc.anything()),
});
const body = fc.oneof(
  fc.record({
    truncated: fc.boolean(),
    tree: fc.array(entry),
    content: fc.base64String(),
    encoding: fc.constant('base64'),
  }),
  fc.jsonValue(),
);

describe('whatever GitHub answers about a file', () => {
  it('is the file’s own bytes, none, or an error of ours with a remedy', async () => {
    const answer = fc.record({ status: fc.constantFrom(200, 204, 301, 401, 403, 404, 409, 422, 451), body });
    await fc.assert(
      fc.asyncProperty(answer, async (one) => {
        github.faults.splice(0, github.faults.length, { method: 'GET', path: /./, answer: one });
        const files = openCommit(
          buildClient({ apiUrl: github.url, sleeps: [] }),
          'acme/models',
          'b'.repeat(40),
        );
        try {
          const found = await files.find('gate.yml');
          if (found !== null) await files.read(found, 1000);
        } catch (error) {
          if (!(error instanceof MixgateError)) throw error;
          expect(error.complaints[0]?.remedy).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });
});
