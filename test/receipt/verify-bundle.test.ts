import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildStatement, renderReceipt, type Statement } from '../../src/receipt/statement.ts';
import { type Trust, verifyBundle } from '../../src/receipt/verify-bundle.ts';
import { acceptedBaseline, baselineParts, complyingAt, releaseOf } from './release.ts';
import { envelopeBy, issuer, makeAuthority, workflow } from './sign.ts';

const baseline = acceptedBaseline(releaseOf(complyingAt(0.15), baselineParts));
const { receipt } = releaseOf(complyingAt(0.18), { baseline });
const other = releaseOf(complyingAt(0.9), { baseline }).receipt;
const statement = buildStatement({ receipt, candidateFile: undefined });
const authority = await makeAuthority();
const trust: Trust = { kind: 'sigstore', trustedRoots: [authority.trustedRoot], signer: workflow, issuer };

const check = (bundle: unknown, parts: { trust?: Trust; receipt?: typeof receipt; text?: string } = {}) =>
  verifyBundle({
    receipt: parts.receipt ?? receipt,
    receiptText: renderReceipt(parts.receipt ?? receipt),
    bundle: { name: 'bundle.json', text: parts.text ?? JSON.stringify(bundle) },
    trust: parts.trust ?? trust,
  });
const wheres = (problems: ReturnType<typeof check>) => problems.map(({ where }) => where);

describe('a signature by a workflow', () => {
  it('holds where workflow, issuer, receipt and predicate are the expected ones', async () => {
    expect(check(await authority.bundle({ statement }))).toEqual([]);
  });

  it('holds among several bundles and several trusted roots', async () => {
    const strange = await makeAuthority();
    const text = [await strange.bundle({ statement }), await authority.bundle({ statement })]
      .map((bundle) => `${JSON.stringify(bundle)}\n`)
      .join('');
    const trustedRoots = [(await makeAuthority()).trustedRoot, authority.trustedRoot];
    expect(check(undefined, { text, trust: { ...trust, trustedRoots } })).toEqual([]);
  });

  it('of another authority is refused', async () => {
    const strange = await makeAuthority();
    expect(wheres(check(await strange.bundle({ statement })))).toEqual(['bundle signature']);
  });

  it.each([
    ['another workflow', workflow.replace('release.yml', 'other.yml')],
    ['another branch', workflow.replace('refs/heads/main', 'refs/heads/main-2')],
    ['another repository that ends alike', workflow.replace('acme', 'evil/acme')],
    ['the expected one inside another', `https://evil.example/?${workflow}`],
  ])('of %s is refused', async (_, signer) => {
    const [problem] = check(await authority.bundle({ statement, signer }));
    expect(problem).toEqual({ where: 'bundle signer', expected: workflow, found: signer });
  });

  it('by way of another issuer is refused', async () => {
    const bundle = await authority.bundle({ statement, issuedBy: 'https://accounts.example' });
    expect(check(bundle)).toEqual([
      { where: 'bundle issuer', expected: issuer, found: 'https://accounts.example' },
    ]);
  });

  it('is refused where the bundle was changed', async () => {
    const bundle = await authority.bundle({ statement });
    const payload = Buffer.from(JSON.stringify({ ...statement, predicateType: 'x' })).toString('base64');
    const { tlogEntries: _, ...unlogged } = bundle.verificationMaterial;
    const changed = [
      { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } },
      { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payloadType: 'text/plain' } },
      { ...bundle, verificationMaterial: { ...unlogged, tlogEntries: [] } },
      { ...bundle, dsse_envelope: { ...bundle.dsseEnvelope, payload } },
    ];
    const [first, second, third, shadowed] = changed.map((one) => wheres(check(one)));
    expect([first, second, third]).toEqual(Array(3).fill(['bundle signature']));
    // A second envelope under another spelling is either not read, or not signed.
    expect([[], ['bundle signature']]).toContainEqual(shadowed);
  });

  it('needs a trusted root that certifies someone', async () => {
    const bundle = await authority.bundle({ statement });
    for (const trustedRoots of [[], [{}], [{ certificateAuthorities: [] }], [42]]) {
      expect(wheres(check(bundle, { trust: { ...trust, trustedRoots } }))).toEqual(['bundle signature']);
    }
  });
});

describe('a statement that was signed', () => {
  const forged = (parts: Partial<Record<keyof Statement, unknown>>) => ({ ...statement, ...parts });

  it('is refused on another receipt, or on one that was changed', async () => {
    const bundle = await authority.bundle({ statement });
    const found = wheres(check(bundle, { receipt: other }));
    expect(found).toContain('bundle.statement.subject');
    expect(found).toContain('bundle.statement.predicate.result');
    const text = renderReceipt(receipt).replace('"attempt":1', '"attempt":2');
    const changed = verifyBundle({
      receipt,
      receiptText: text,
      bundle: { name: 'bundle.json', text: JSON.stringify(bundle) },
      trust,
    });
    expect(wheres(changed)).toEqual(['bundle.statement.subject']);
  });

  it.each<[string, unknown, string]>([
    ['no subject', forged({ subject: [] }), 'bundle.statement.subject'],
    [
      'a subject of another hash',
      forged({ subject: [{ name: 'receipt.json', digest: { sha512: 'ab' } }] }),
      'bundle.statement.subject',
    ],
    [
      'another predicate type',
      forged({ predicateType: 'https://slsa.dev/provenance/v1' }),
      'bundle.statement.predicateType',
    ],
    ['another statement type', forged({ _type: 'x' }), 'bundle.statement._type'],
    [
      'another result',
      forged({ predicate: { ...statement.predicate, result: 'WARNED' } }),
      'bundle.statement.predicate.result',
    ],
    ['no predicate', forged({ predicate: undefined }), 'bundle.payload'],
    ['no statement', 'a text', 'bundle.payload'],
  ])('with %s is refused', async (_, wrong, where) => {
    expect(wheres(check(await authority.bundle({ statement: wrong })))).toContain(where);
  });

  it('as another type of payload is refused', async () => {
    const bundle = await authority.bundle({ statement, type: 'application/json' });
    expect(wheres(check(bundle))).toEqual(['bundle.payloadType']);
  });
});

describe('a signature by a key', () => {
  const kinds = {
    'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    Ed25519: () => generateKeyPairSync('ed25519'),
    RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  };
  it.each(Object.entries(kinds))('holds for that key alone: %s', (_, make) => {
    const [own, strange] = [make(), make()];
    const envelope = envelopeBy(own.privateKey, { statement });
    const by = (key: typeof own.publicKey): Trust => ({ kind: 'publicKey', key, name: 'key.pub' });
    expect(check(envelope, { trust: by(own.publicKey) })).toEqual([]);
    expect(check({ dsseEnvelope: envelope }, { trust: by(own.publicKey) })).toEqual([]);
    expect(wheres(check(envelope, { trust: by(strange.publicKey) }))).toEqual(['bundle signature']);
    const changed = { ...envelope, payload: Buffer.from('{}').toString('base64') };
    expect(wheres(check(changed, { trust: by(own.publicKey) }))).toEqual(['bundle signature']);
    const unsigned = { ...envelope, signatures: [] };
    expect(wheres(check(unsigned, { trust: by(own.publicKey) }))).toEqual(['bundle signature']);
  });

  it('is asked of a file that holds an envelope', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const by: Trust = { kind: 'publicKey', key: publicKey, name: 'key.pub' };
    expect(wheres(check(undefined, { text: 'not JSON', trust: by }))).toEqual(['bundle.json']);
    expect(wheres(check(7, { trust: by }))).toEqual(['bundle signature']);
  });
});
