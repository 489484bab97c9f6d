import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { buildStatement } from '../../src/receipt/statement.ts';
import { complyingAt, releaseOf, textOf } from '../receipt/release.ts';
import { envelopeBy, makeAuthority } from '../receipt/sign.ts';
import { runCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'mixgate-verify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { receipt } = releaseOf(complyingAt(0.15));
const statement = buildStatement({ receipt, candidateFile: undefined });
const authority = await makeAuthority();
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function keep(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const files = {
  receipt: keep('receipt.json', textOf(receipt)),
  bundle: keep('bundle.json', await authority.bundle({ statement })),
  root: keep('root.jsonl', `${JSON.stringify(authority.trustedRoot)}\n`),
  envelope: keep('envelope.json', envelopeBy(keys.privateKey, { statement })),
  publicKey: keep('key.pub', keys.publicKey.export({ format: 'pem', type: 'spki' }).toString()),
  privateKey: keep('key.pem', keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
};
const signer = ['--signer-workflow', 'acme/models/.github/workflows/release.yml@refs/heads/main'];
const verify = (...options: readonly string[]) => runCommand(['verify', files.receipt, ...options]);

it('accepts the signature of the named workflow, and of a named key', async () => {
  const sigstore = await verify('--bundle', files.bundle, '--trusted-root', files.root, ...signer);
  expect(sigstore).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('unsigned') });
  expect(await verify('--bundle', files.envelope, '--public-key', files.publicKey)).toMatchObject({
    exitCode: 0,
  });
});

it('ends with exit code 1 where somebody else signed', async () => {
  const other = [...signer.slice(0, 1), 'acme/models/.github/workflows/release.yml@refs/heads/dev'];
  const { exitCode, stdout } = await verify('--bundle', files.bundle, '--trusted-root', files.root, ...other);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('bundle signer: expected https://github.com/acme/models/.github/workflows/');
});

it('says unsigned where no bundle was given', async () => {
  const { exitCode, stdout } = await verify();
  expect(exitCode).toBe(0);
  expect(stdout).toContain('not checked: the signature (give --bundle): unsigned');
});

it.each<[string, readonly string[], string]>([
  ['no trusted root', ['--bundle', files.bundle, ...signer], 'gh attestation trusted-root'],
  ['no signer', ['--bundle', files.bundle, '--trusted-root', files.root], '--signer-workflow'],
  [
    'a signer without its ref',
    ['--bundle', files.bundle, '--trusted-root', files.root, '--signer-workflow', 'acme/models/release.yml'],
    'a workflow of any branch could sign',
  ],
  ['a private key', ['--bundle', files.envelope, '--public-key', files.privateKey], 'openssl pkey'],
  [
    'key and trusted root',
    ['--bundle', files.bundle, '--public-key', files.publicKey, '--trusted-root', files.root],
    'leave out --public-key',
  ],
  ['a trusted root alone', ['--trusted-root', files.root], 'give --bundle'],
])('ends with exit code 3 and says what to do: %s', async (_, options, words) => {
  const { exitCode, stderr } = await verify(...options);
  expect(exitCode).toBe(3);
  expect(stderr).toContain(words);
});
