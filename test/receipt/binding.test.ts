import { describe, expect, it } from 'vitest';
import { undeclaredCandidate } from '../../src/config/candidate.ts';
import { bindingOf } from '../../src/receipt/binding.ts';

const digest = `${'a1'.repeat(6)}${'b'.repeat(52)}`;
const candidate = { ...undeclaredCandidate('m'), digest: `sha256:${digest}`, checkpoint: 'acme/m-r7' };
const noDigest = { ...candidate, digest: null };
const under = (served: string | undefined) => ({ binding: { require: false, served } });
const server = (model: string, root: string | null = null) => ({ model, root });

describe('bindingOf', () => {
  it.each([
    ['{digest}', server(`m@${digest}`)],
    ['-{digest12}', server(`m-${digest.slice(0, 12)}`)],
    ['{digest12}', server(`m-${digest.slice(0, 16)}`)],
    ['{checkpoint}-{digest12}', server(`acme/m-r7-${digest.slice(0, 12)}`)],
  ])('is served where id or root holds %s', (template, served) => {
    expect(bindingOf(under(template), candidate, served)).toBe('served');
  });

  it.each([
    ['the root ends in it', '{checkpoint}', server('m', '/models/acme/m-r7')],
    ['a revision follows', '{checkpoint}', server('acme/m-r7@main')],
    ['the policy says what goes before', '-{checkpoint}', server('prod-acme/m-r7')],
    ['the policy says what follows', '{checkpoint}.gguf', server('m', '/models/acme/m-r7.gguf')],
  ])('is served where no digest is stated and %s', (_, template, served) => {
    expect(bindingOf(under(template), noDigest, served)).toBe('served');
  });

  it.each([
    ['the policy asks for nothing', undefined, candidate, server(digest)],
    ['the head names the old model’s served name', '{digest12}', candidate, server('m-old', '/models/m-old')],
    ['the candidate states no digest', '{digest}', noDigest, server(digest)],
    [
      'the checkpoint is too short to tell anything',
      '{checkpoint}',
      { ...candidate, checkpoint: 'm' },
      server('m'),
    ],
    [
      'the name would match as a pattern only',
      '{checkpoint}',
      { ...candidate, checkpoint: '.*.*' },
      server('m-r7'),
    ],
    [
      'a digest is stated and the policy asks for the checkpoint alone',
      '{checkpoint}',
      candidate,
      server('m', '/models/acme/m-r7'),
    ],
  ])('is declared where %s', (_, template, one, served) => {
    expect(bindingOf(under(template), one, served)).toBe('declared');
  });

  it.each(['acme/m-r77', 'acme/m-r7-safe', 'acme/m-r7.1', 'acme/m-r7_b', 'old-acme/m-r7', 'm'])(
    'is declared where the server has another checkpoint, %s',
    (name) => {
      expect(bindingOf(under('{checkpoint}'), noDigest, server(name))).toBe('declared');
    },
  );
});
