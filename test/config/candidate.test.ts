import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCandidate, readCandidate, undeclaredCandidate } from '../../src/config/candidate.ts';
import { complaintsOf, refusalOf } from './complaints.ts';

const digest = 'f'.repeat(64);
const refusal = (text: string) => complaintsOf(() => parseCandidate(text, 'c.yml'))[0];

describe('parseCandidate', () => {
  it('reads everything that a release states', () => {
    const text = `model: acme/llama-3.1-8b@r7
family: llama
checkpoint: step 1200
digest: sha256:${digest}
trainingStage: dpo
parent: acme/llama-3.1-8b@r6
`;
    expect(parseCandidate(text, 'c.yml')).toEqual({
      model: 'acme/llama-3.1-8b@r7',
      family: 'llama',
      checkpoint: 'step 1200',
      digest: `sha256:${digest}`,
      trainingStage: 'dpo',
      parent: 'acme/llama-3.1-8b@r6',
    });
  });

  it('says null of what the release does not state', () => {
    expect(parseCandidate('model: m\n', 'c.yml')).toEqual(undeclaredCandidate('m'));
  });

  it.each(['/models/m', '../m', 'a/../../m', '~/m', 'C:\\m', 'a/..'])(
    'refuses the path %s as a name',
    (path) => {
      expect(refusal(`parent: x\nmodel: ${JSON.stringify(path)}`)).toMatchObject({
        code: 'CANDIDATE_INVALID',
        expected: expect.stringContaining('not a path'),
      });
    },
  );

  it.each([
    ...[`sk-${'a1'.repeat(10)}`, `ghp_${'a1'.repeat(10)}`, `hf_${'a1'.repeat(10)}`, 'Bearer x'],
    ...[`glpat-${'a1'.repeat(10)}`, `AIza${'a1'.repeat(18)}`, `sk_live_${'a1'.repeat(10)}`],
    ...[`eyJ${'a1'.repeat(8)}.eyJ${'a1'.repeat(8)}.x`, '-----BEGIN PRIVATE KEY-----'],
  ])('refuses the key %s as a name, and takes a name that only begins like one', (key) => {
    expect(refusal(`model: m\ncheckpoint: ${JSON.stringify(key)}`)).toMatchObject({
      expected: 'a name, not a key',
    });
    expect(parseCandidate('model: sk-8b\n', 'c.yml').model).toBe('sk-8b');
  });

  it.each([
    ...['https://evil.example/v1', 'x ws://evil.example', 'file:///etc/passwd'],
    ...['https:evil.example', 'FILE:/etc/passwd', ' javascript:x', 'mailto:a@evil.example'],
  ])('refuses the URL %s in every text', (url) => {
    expect(refusal(`model: ${JSON.stringify(url)}`)).toMatchObject({
      code: 'CANDIDATE_INVALID',
      where: 'c.yml:1 model',
      expected: 'a name, not a URL',
    });
    for (const key of ['family', 'checkpoint', 'trainingStage', 'parent']) {
      expect(refusal(`model: m\n${key}: ${JSON.stringify(url)}`)?.where).toBe(`c.yml:2 ${key}`);
    }
  });

  it.each(['\\n', '\\r', '\\x1b', '\\0', '\\x85', '\\u2028', '\\u2029', '\\u202e', '\\u200b', '\\ud800'])(
    'refuses the control character %s in every text, and does not repeat it',
    (control) => {
      for (const key of ['model', 'family', 'checkpoint', 'trainingStage', 'parent']) {
        const text = `${key === 'model' ? '' : 'model: m\n'}${key}: "a${control}b"`;
        const complaint = refusal(text);
        expect(complaint).toMatchObject({ code: 'CANDIDATE_INVALID', expected: 'no control characters' });
        expect(complaint?.got).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      }
    },
  );

  it.each(['\\u3164', '\\u115f', '\\u034f', '\\ufe0f', '\\u2800'])(
    'refuses the invisible %s in every text',
    (mark) => {
      for (const text of [`model: "m${mark}"`, `model: m\ncheckpoint: "${mark}"`])
        expect(refusal(text)?.expected).toBe('characters that can be seen');
    },
  );

  it.each([
    ['too short', `sha256:${digest.slice(1)}`],
    ['too long', `sha256:${digest}f`],
    ['in capitals', `sha256:${digest.toUpperCase()}`],
    ['of another kind', `md5:${digest}`],
  ])('refuses a digest %s', (_, text) => {
    expect(refusal(`model: m\ndigest: ${text}`)).toMatchObject({
      where: 'c.yml:2 digest',
      expected: 'sha256:<64 hexadecimal digits>',
    });
  });

  it('takes a digest without its kind too', () => {
    expect(parseCandidate(`model: m\ndigest: ${digest}`, 'c.yml').digest).toBe(digest);
  });

  it.each([
    ['baseUrl: x', 'baseUrl', 'remove baseUrl'],
    ['apiKey: x', 'apiKey', 'remove apiKey'],
    ['chekpoint: x', 'chekpoint', 'the nearest known key is "checkpoint"'],
    ['__proto__: { digest: x }', '__proto__', 'remove __proto__'],
  ])('refuses the unknown key in %j', (line, key, remedy) => {
    expect(refusal(`model: m\n${line}\n`)).toMatchObject({
      where: `c.yml:2 ${key}`,
      expected: 'a known key',
      remedy,
    });
  });

  it.each([
    ['no model', 'family: x', 'c.yml:1 model', 'a string', 'nothing'],
    ['an empty model', 'model: ""', 'c.yml:1 model', 'at least 1 character', '""'],
    ['a blank model', 'model: "  "', 'c.yml:1 model', 'a text that is not blank', '"  "'],
    ['a number', 'model: 7', 'c.yml:1 model', 'a string', '7'],
    ['a long model', `model: ${'m'.repeat(201)}`, 'c.yml:1 model', 'at most 200 characters', undefined],
    ['a list', '- model: m', 'c.yml:1 (top level)', 'a mapping', '[{"model":"m"}]'],
    ['nothing but a comment', '# none\n', 'c.yml:1 (top level)', 'a mapping', 'null'],
  ])('refuses %s', (_, text, where, expected, got) => {
    expect(refusal(text)).toMatchObject({ where, expected, ...(got === undefined ? {} : { got }) });
  });

  it('shows a hostile value as a short excerpt', () => {
    const { message } = refusalOf(() => parseCandidate(`model: ${'x'.repeat(10_000)}`, 'c.yml'));
    expect(message.length).toBeLessThan(200);
  });
});

describe('readCandidate', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'mixgate-candidate-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('reads a file, and names its path in complaints', () => {
    const path = join(dir, 'c.yml');
    writeFileSync(path, 'model: m\n');
    expect(readCandidate(path).model).toBe('m');
    writeFileSync(path, 'modle: m\n');
    expect(complaintsOf(() => readCandidate(path)).map(({ where }) => where)).toContain(`${path}:1 modle`);
  });

  it('names a file that is not there, and the flag that named it', () => {
    const path = join(dir, 'none.yml');
    expect(complaintsOf(() => readCandidate(path))[0]).toMatchObject({
      code: 'FILE_UNREADABLE',
      where: path,
      expected: 'a candidate file',
      got: 'no such file',
      remedy: 'correct --candidate, or create the file',
    });
  });
});
