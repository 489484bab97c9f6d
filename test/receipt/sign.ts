import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock';
import { z } from 'zod';
import { payloadType, preAuthEncoding } from '../../src/receipt/envelope.ts';

/**
 * Signatures made here: a certificate authority with its certificate log and transparency log (@sigstore/mock), and plain
 * keys. The trusted root is the JSON that `gh attestation trusted-root` prints.
 */

export const workflow = 'https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main';
export const issuer = 'https://token.actions.githubusercontent.com';

const ecKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const derOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const base64 = (bytes: ArrayBufferView | Buffer) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

export interface Signing {
  readonly statement: unknown;
  readonly type?: string;
}

/** A DSSE envelope over any value, signed by a key. */
export function envelopeBy(key: KeyObject, { statement, type = payloadType }: Signing) {
  const payload = Buffer.from(JSON.stringify(statement));
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const sig = sign(hash, preAuthEncoding(type, payload), key);
  return {
    payload: payload.toString('base64'),
    payloadType: type,
    signatures: [{ sig: sig.toString('base64') }],
  };
}

/** What the log answers, as far as a bundle repeats it. */
const logEntrySchema = z.object({
  body: z.string(),
  integratedTime: z.number(),
  logIndex: z.number(),
  verification: z.object({
    signedEntryTimestamp: z.string(),
    inclusionProof: z.object({
      logIndex: z.number(),
      treeSize: z.number(),
      rootHash: z.string(),
      hashes: z.array(z.string()),
      checkpoint: z.string(),
    }),
  }),
});

/** An authority of its own: what it certifies, only its own root can verify. */
export async function makeAuthority() {
  const [caKeys, ctKeys, logKeys] = [generateKeyPairSync('ec', { namedCurve: 'P-384' }), ecKeys(), ecKeys()];
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, ctLog);
  const log = await initializeTLog('https://log.example', logKeys);
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const logOf = (publicKey: Buffer, keyId: string) => ({
    baseUrl: 'https://log.example',
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: publicKey.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor,
    },
    logId: { keyId },
  });
  const logId = createHash('sha256').update(log.publicKey).digest('base64');
  const trustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(log.publicKey, logId)],
    ctlogs: [logOf(ctLog.publicKey, base64(ctLog.logID))],
    certificateAuthorities: [
      {
        subject: { organization: 'example', commonName: 'example' },
        uri: 'https://fulcio.example',
        certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] },
        validFor,
      },
    ],
    timestampAuthorities: [],
  };
  /** A Sigstore bundle, version 0.3, as actions/attest writes it. */
  const bundle = async (signing: Signing & { readonly signer?: string; readonly issuedBy?: string }) => {
    const keys = ecKeys();
    const dsseEnvelope = envelopeBy(keys.privateKey, signing);
    const { signer = workflow, issuedBy = issuer } = signing;
    const certificate = await ca.issueCertificate({
      publicKey: new Uint8Array(derOf(keys.publicKey)),
      subjectAltName: signer,
      extensions: [
        { oid: '1.3.6.1.4.1.57264.1.1', value: issuedBy, legacy: true },
        { oid: '1.3.6.1.4.1.57264.1.8', value: issuedBy },
      ],
    });
    const payloadHash = createHash('sha256')
      .update(Buffer.from(dsseEnvelope.payload, 'base64'))
      .digest('hex');
    const logged = await log.log({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        payloadHash: { algorithm: 'sha256', value: payloadHash },
        signatures: dsseEnvelope.signatures.map(({ sig }) => ({ signature: sig, verifier: '' })),
      },
    });
    const entry = z.array(logEntrySchema).length(1).parse(Object.values(logged))[0];
    if (entry === undefined) throw new Error('the log gave no entry');
    const { inclusionProof, signedEntryTimestamp } = entry.verification;
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: base64(certificate) },
        tlogEntries: [
          {
            logIndex: String(entry.logIndex),
            logId: { keyId: logId },
            kindVersion: { kind: 'dsse', version: '0.0.1' },
            integratedTime: String(entry.integratedTime),
            inclusionPromise: { signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(inclusionProof.logIndex),
              rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
              treeSize: String(inclusionProof.treeSize),
              hashes: inclusionProof.hashes,
              checkpoint: { envelope: inclusionProof.checkpoint },
            },
            canonicalizedBody: entry.body,
          },
        ],
      },
      dsseEnvelope,
    };
  };
  return { trustedRoot, bundle };
}
