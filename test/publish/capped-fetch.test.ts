import { describe, expect, it } from 'vitest';
import { cappedFetch } from '../../src/publish/capped-fetch.ts';
import { openCommit } from '../../src/publish/git-files.ts';
import { startHostileServer } from '../fuzz/hostile-server.ts';
import { buildClient } from './publishing.ts';

const chunk = new Uint8Array(10_000_000);

/** A body of so many chunks, or without end. */
function bodyOf(chunks: number): ReadableStream<Uint8Array> {
  let left = chunks;
  return new ReadableStream({
    pull: (controller) => {
      if (left === 0) controller.close();
      else controller.enqueue(chunk);
      left -= 1;
    },
  });
}

describe('an answer of GitHub', () => {
  it('is read whole up to eighty million bytes where it is a file, with its head', async () => {
    const fetch = cappedFetch(async () => new Response(bodyOf(8), { status: 201, headers: { a: 'b' } }));
    const response = await fetch('https://api.example/repos/a/b/git/blobs/0123456789');
    expect([response.status, response.headers.get('a')]).toEqual([201, 'b']);
    expect((await response.arrayBuffer()).byteLength).toBe(80_000_000);
  });

  it('is cut off where it goes on', async () => {
    const fetch = cappedFetch(async () => new Response(bodyOf(-1)));
    const response = await fetch('https://api.example/');
    await expect(response.arrayBuffer()).rejects.toThrow('more than 16000000 bytes');
  });

  it('is an error of ours where it has no end, and fills no memory', async () => {
    const server = await startHostileServer();
    server.say('endless');
    const octokit = buildClient({ apiUrl: server.origin, sleeps: [] });
    const before = process.memoryUsage().rss;
    await expect(openCommit(octokit, 'acme/models', 'a'.repeat(40)).find('x')).rejects.toMatchObject({
      code: 'GIT_UNREADABLE',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
    await server.close();
  });
});
