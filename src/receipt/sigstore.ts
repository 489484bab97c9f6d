import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type Signer, toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { Problem } from './difference.ts';
import type { SignedContent } from './envelope.ts';

/** A signer that a trusted root certifies: which workflow, by which issuer of identities. */
export interface SigstoreTrust {
  /** Parsed `TrustedRoot` messages; one that certifies the signature is enough. */
  readonly trustedRoots: readonly unknown[];
  /** URI of the certificate, as in `https://github.com/O/R/.github/workflows/W.yml@refs/heads/main`. */
  readonly signer: string;
  readonly issuer: string;
}

/**
 * Opens a Sigstore bundle whose signature is the named workflow's: certificate chain, signed timestamp, transparency log, and
 * the identity in the certificate, letter by letter.
 *
 * The content comes from the very object that was verified: another reading of the same JSON might find another one.
 */
export function openSigstore(
  bundle: unknown,
  trust: SigstoreTrust,
): { readonly content: SignedContent } | { readonly problem: Problem } {
  const failures: string[] = [];
  for (const root of trust.trustedRoots) {
    const result = tryRoot(bundle, root);
    if ('failure' in result) {
      failures.push(result.failure);
      continue;
    }
    const problem = verifySigner(result.signer, trust);
    return problem === undefined ? { content: result.content } : { problem };
  }
  const expected = 'a signature that the trusted root certifies';
  const found = [...new Set(failures)].join('; ') || 'no trusted root';
  return { problem: { where: 'bundle signature', expected, found } };
}

type Attempt = { readonly signer: Signer; readonly content: SignedContent } | { readonly failure: string };

/** The library throws at the first thing that does not hold, whatever it is: all of it means that nothing is shown. */
function tryRoot(json: unknown, root: unknown): Attempt {
  try {
    const trusted = TrustedRoot.fromJSON(root);
    if (trusted.certificateAuthorities.length === 0)
      return { failure: 'the trusted root names no certificate authority' };
    const bundle = bundleFromJSON(json);
    if (bundle.content.$case !== 'dsseEnvelope') return { failure: 'the bundle holds no DSSE envelope' };
    // What a root can attest it must have attested: Sigstore's logs everything, GitHub's own only signs the time.
    const verifier = new Verifier(toTrustMaterial(trusted), {
      tlogThreshold: trusted.tlogs.length > 0 ? 1 : 0,
      ctlogThreshold: trusted.ctlogs.length > 0 ? 1 : 0,
      timestampThreshold: 1,
    });
    const signer = verifier.verify(toSignedEntity(bundle));
    const { payloadType, payload } = bundle.content.dsseEnvelope;
    return { signer, content: { payloadType, payload } };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : 'unreadable' };
  }
}

/** Compared whole: the library's own check reads the expected identity as a pattern that may match anywhere. */
function verifySigner({ identity }: Signer, trust: SigstoreTrust): Problem | undefined {
  const signer = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  if (signer !== trust.signer)
    return { where: 'bundle signer', expected: trust.signer, found: signer ?? 'no identity' };
  if (issuer !== trust.issuer)
    return { where: 'bundle issuer', expected: trust.issuer, found: issuer ?? 'no issuer' };
  return undefined;
}
