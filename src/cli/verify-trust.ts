import { ConfigError } from '../config/errors.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { parsePublicKey } from '../receipt/envelope.ts';
import { parseLines, type Trust } from '../receipt/verify-bundle.ts';

/** Options that say whose signature counts. */
export interface TrustOptions {
  readonly trustedRoot?: string;
  readonly signerWorkflow?: string;
  readonly issuer?: string;
  readonly publicKey?: string;
}

const gitHubIssuer = 'https://token.actions.githubusercontent.com';

/**
 * Whose signature the user trusts.
 *
 * @throws ConfigError where nobody is named: a signature of just anyone shows nothing
 */
export function readTrust(options: TrustOptions): Trust {
  const { trustedRoot, signerWorkflow, publicKey } = options;
  if (publicKey !== undefined) {
    if (trustedRoot !== undefined || signerWorkflow !== undefined) throw twoTrusts();
    const key = parsePublicKey(
      readNamedFile(publicKey, { what: 'a public key', named: '--public-key' }).toString('utf8'),
    );
    if (key === undefined) throw notAKey(publicKey);
    return { kind: 'publicKey', key, name: publicKey };
  }
  if (trustedRoot === undefined) throw noTrustedRoot();
  if (signerWorkflow === undefined) throw noSigner('nothing');
  const text = readNamedFile(trustedRoot, { what: 'a trusted root', named: '--trusted-root' }).toString(
    'utf8',
  );
  const trustedRoots = parseLines(text);
  if (trustedRoots.length === 0) throw noTrustedRoot(trustedRoot);
  const issuer = options.issuer ?? gitHubIssuer;
  return { kind: 'sigstore', trustedRoots, signer: signerUri(signerWorkflow), issuer };
}

/** The URI in the certificate of a workflow on github.com, or a URI as it is for another host. */
function signerUri(workflow: string): string {
  if (!/^[^@\s]+\/[^@\s]+\/[^@\s]+@[^@\s]+$/.test(workflow)) throw noSigner(JSON.stringify(workflow));
  return workflow.startsWith('https://') ? workflow : `https://github.com/${workflow}`;
}

function noTrustedRoot(file?: string): ConfigError {
  return new ConfigError({
    code: 'TRUSTED_ROOT_MISSING',
    where: '--trusted-root',
    expected: 'the trusted root of whoever certified the signature, JSON or JSON Lines',
    got: file === undefined ? 'nothing' : `${file}, which holds something else`,
    remedy:
      'fetch it once, on a machine with network: gh attestation trusted-root > trusted-root.jsonl; for a signature by a key of your own give --public-key',
  });
}

function noSigner(got: string): ConfigError {
  return new ConfigError({
    code: 'SIGNER_MISSING',
    where: '--signer-workflow',
    expected: 'the workflow that signs, OWNER/REPO/.github/workflows/FILE@REF',
    got,
    remedy:
      'name it with its ref, as in acme/models/.github/workflows/release.yml@refs/heads/main: without the ref a workflow of any branch could sign',
  });
}

function notAKey(file: string): ConfigError {
  return new ConfigError({
    code: 'PUBLIC_KEY_BROKEN',
    where: file,
    expected: 'a public key in PEM',
    got: 'something else',
    remedy: 'write it with: openssl pkey -in key.pem -pubout -out key.pub',
  });
}

function twoTrusts(): ConfigError {
  return new ConfigError({
    code: 'TRUST_AMBIGUOUS',
    where: '--public-key',
    expected: 'a key alone, or a trusted root with a workflow',
    got: 'both',
    remedy: 'leave out --public-key, or --trusted-root and --signer-workflow',
  });
}
