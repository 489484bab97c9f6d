import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashModel } from '../../src/run/hash-model.ts';
import { makeFolder } from './small-gate.ts';

function modelOf(files: Readonly<Record<string, string>>): string {
  const folder = makeFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const files = { 'a/z': 'one', 'a-b': 'two', 'd0/f00': 'three', é: 'four' };

// Python 3.11: h = hashlib.sha256(); for f in sorted(pathlib.PurePosixPath(f) for f in files):
// h.update(hashlib.sha256(files[f]).digest()), as model_signing 1.x orders and hashes them.
const root = 'sha256:d8828a31d4d996abfd16606e7f04057867e2925d9f9693b59c4ac26c98d82ffe';

describe('the digest of a model', () => {
  it('is the root of OpenSSF model signing, names in the order of paths', async () => {
    const { digest, files: found } = await hashModel(modelOf(files));
    expect(digest).toBe(root);
    expect(found.map(({ name }) => name).toSorted()).toEqual(Object.keys(files).toSorted());
  });

  it('leaves out the signature beside the weights and git’s files, but not those of the same name below', async () => {
    const beside = { 'model.sig': '{}', '.git/HEAD': 'x', '.gitattributes': 'x', '.gitignore': 'x' };
    expect((await hashModel(modelOf({ ...files, ...beside }))).digest).toBe(root);
    expect((await hashModel(modelOf({ ...files, 'd0/model.sig': '{}' }))).digest).not.toBe(root);
  });

  it('is not taken of what may never end', async () => {
    await expect(hashModel('/dev/zero')).rejects.toThrow('neither file nor folder');
  });

  it('changes with a byte, a name and a file more', async () => {
    const others = [
      { ...files, 'a-b': 'Two' },
      { 'a/z': 'one', 'z-b': 'two', 'd0/f00': 'three', é: 'four' },
      { ...files, more: '' },
    ];
    for (const other of others) expect((await hashModel(modelOf(other))).digest).not.toBe(root);
  });

  // hashlib.sha256(hashlib.sha256(b'one').digest())
  it('of a single file is the root over that one', async () => {
    const { digest } = await hashModel(join(modelOf(files), 'a', 'z'));
    expect(digest).toBe('sha256:fe8d7a873dc48961a6af334c996b2cb3ce37149d5ce9c9253952a54c6a92c1ad');
  });
});

describe('links in a model', () => {
  it('are followed inside it', async () => {
    const folder = modelOf({ 'a-b': 'two', 'd0/f00': 'three', é: 'four', 'd0/z': 'one' });
    const plain = modelOf({ ...files, 'd0/z': 'one' });
    mkdirSync(join(folder, 'a'));
    symlinkSync(join('..', 'd0', 'z'), join(folder, 'a', 'z'));
    expect((await hashModel(folder)).digest).toBe((await hashModel(plain)).digest);
  });

  it.each<[string, string, string]>([
    ['out of it', '/etc/hostname', 'MODEL_LINK_LEAVES'],
    ['to a folder out of it', '..', 'MODEL_LINK_LEAVES'],
    ['to a folder that holds them', '.', 'MODEL_LINK_LEAVES'],
    ['to nowhere', 'missing', 'MODEL_UNREADABLE'],
  ])('%s are refused', async (_, target, code) => {
    const folder = modelOf(files);
    symlinkSync(target, join(folder, 'd0', 'link'));
    await expect(hashModel(folder)).rejects.toMatchObject({ code });
  });

  it('to a folder whose name begins alike are refused', async () => {
    const folder = modelOf(files);
    mkdirSync(`${folder}-evil`);
    writeFileSync(join(`${folder}-evil`, 'x'), 'x');
    symlinkSync(join(`${folder}-evil`, 'x'), join(folder, 'x'));
    await expect(hashModel(folder)).rejects.toMatchObject({ code: 'MODEL_LINK_LEAVES' });
  });
});

it.each<[string, () => string, string]>([
  ['is not there', () => join(makeFolder(), 'missing'), 'MODEL_UNREADABLE'],
  ['is empty', () => makeFolder(), 'MODEL_EMPTY'],
  // Nobody may read it, not even root, who may read all else.
  ['cannot be read', () => '/proc/self/mem', 'MODEL_UNREADABLE'],
])('a folder that %s is refused', async (_, make, code) => {
  await expect(hashModel(make())).rejects.toMatchObject({ code });
});
