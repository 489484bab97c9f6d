import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildReceipt, withLooks } from '../../src/receipt/build.ts';
import { canonicalJson, digestOf } from '../../src/receipt/digest.ts';
import type { Receipt, RunRecord } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { another, type Change, changeAt, kinds, leavesOf, mutate, otherByte, type Path } from './mutate.ts';
import {
  acceptedBaseline,
  auditOf,
  baselineParts,
  cardParts,
  complyingAt,
  partsOf,
  policyText,
  type Release,
  releaseOf,
  textOf,
} from './release.ts';
import { documentedFields } from './signature-only.ts';

/** The release of every test, with a quarter of its trials: an audit takes some milliseconds. */
const small = policyText
  .replace(
    'sample: 64 }, { name: more, path: more.jsonl }',
    'sample: 16 }, { name: more, path: more.jsonl, sample: 16 }',
  )
  .replace('path: everyday.jsonl }', 'path: everyday.jsonl, sample: 16 }')
  .replace('draws: 16', 'draws: 8');
const perQuery = small.replace('draws: 8', 'draws: 2\n  layout: perQuery');
const looked = policyText.replace('sample: 64', 'sample: 32');
const build = (share: number, parts: Parameters<typeof releaseOf>[1] = {}) =>
  releaseOf(complyingAt(share), { policyText: small, ...parts });
const baselineOf = (text: string) => acceptedBaseline(build(0.15, { ...baselineParts, policyText: text }));

const baseline = baselineOf(small);
const card = cardParts();
const cardText = small.replace('minKappa: 0.7', 'minKappa: 0.7, card: card.json');
const lookBaseline = baselineOf(looked);

/** A run that stopped by its own evidence. */
function stopped(): Release {
  const parts = { policyText: looked, baseline: lookBaseline };
  return releaseOf(complyingAt(0.95), { ...parts, trials: withLooks(partsOf(complyingAt(0.95), parts)) });
}

function withRun(release: Release, run: Partial<RunRecord>): Release {
  const { evidence, run: own } = release.receipt;
  return { ...release, receipt: buildReceipt(evidence, { ...own, ...run }) };
}

const compared: Readonly<Record<string, Release>> = {
  pass: build(0.18, { baseline }),
  fail: build(0.9, { baseline }),
  inconclusive: build(0.4, { baseline }),
  corrected: build(0.18, { baseline, ...card, policyText: cardText }),
  perQuery: build(0.2, { policyText: perQuery, baseline: baselineOf(perQuery) }),
  looks: stopped(),
  shards: withRun(build(0.2, { baseline }), {
    shards: 3,
    repeat: { asked: 8, compared: 8, flipped: 1, share: 0.125, groups: [] },
    cache: { source: 'usage', computed: 900, cached: 100, share: 0.1 },
    concurrency: { changes: 1, kept: [{ atRequest: 1, limit: 8, why: 'start' }] },
  }),
};
const alone: Readonly<Record<string, Release>> = {
  notGiven: build(0.15),
  noneYet: build(0.15, { policyText: `${small}baseline: none\n` }),
  batchKeyed: build(0.15, { ledgerIds: 'hmac', answersFrom: 'batch', promptsCounted: false }),
};
const releases = { ...compared, ...alone };
const names = Object.keys(releases);

function releaseNamed(name: string): Release {
  const release = releases[name];
  if (release === undefined) throw new Error(`no release ${name}`);
  return release;
}

/** Numbers in [0, 1) by a seed: the same changes in every run and on every machine. */
const picker = (seed: string) => (choice: number) =>
  createHash('sha256').update(`${seed} ${choice}`).digest().readUInt32BE(0) / 2 ** 32;

function changesOf(name: string, release: Release, count: number): Change[] {
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? 'another';
    return mutate(release.receipt, kind, picker(`${name} ${i}`));
  }).filter(({ value }) => textOf(value) !== textOf(release.receipt));
}

/** What an attacker does who knows the rules; what has no digest is left as it is. */
function resealed(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('evidence' in value) || !('run' in value)) {
    return textOf(value);
  }
  const { evidence, run } = value;
  return textOf({ ...value, evidenceDigest: digestOf(evidence), digest: digestOf({ evidence, run }) });
}

const always = documentedFields('fields that only a signature protects');
const withoutBaseline = documentedFields('and only without a baseline');

/** The field where a change was accepted, undefined where it was refused with its place. */
function acceptedAt(release: Release, { path, value }: Change): string | undefined {
  const text = resealed(value);
  // Digests made anew may undo the change of a digest.
  if (text === textOf(release.receipt)) return undefined;
  const { ok, problems } = verifyReceipt(auditOf(release, { receipt: { name: 'receipt.json', text } }));
  if (ok) return path.join('.');
  expect(problems.every(({ where, expected, found }) => where !== '' && expected !== found)).toBe(true);
  return undefined;
}

describe('1,000 seeded changes', () => {
  it.each(names)('of a receipt are all found by the receipt alone: %s', (name) => {
    const release = releaseNamed(name);
    const text = textOf(release.receipt);
    const changed = [
      ...changesOf(name, release, 100).map(({ value }) => textOf(value)),
      ...Array.from({ length: 40 }, (_, i) => otherByte(text, picker(`byte ${name} ${i}`))),
      text.slice(0, -1),
      `${text}\n`,
      `\uFEFF${text}`,
    ];
    const missed = changed.filter(
      (one) => verifyReceipt({ receipt: { name: 'receipt.json', text: one } }).ok,
    );
    expect(changed.length).toBeGreaterThan(130);
    expect(missed).toEqual([]);
  });

  it.each(names)('with digests made anew are found where they follow from something: %s', (name) => {
    const release = releaseNamed(name);
    const listed = name in alone ? [...always, ...withoutBaseline] : always;
    const changes = changesOf(name, release, 110);
    expect(changes.length).toBeGreaterThanOrEqual(100);
    const accepted = changes.flatMap((change) => acceptedAt(release, change) ?? []);
    expect(accepted.filter((field) => !listed.some(({ pattern }) => pattern.test(field)))).toEqual([]);
  });

  it.each(names)('of its ledger and its policy are all found: %s', (name) => {
    const release = releaseNamed(name);
    for (let i = 0; i < 12; i += 1) {
      const pick = picker(`files ${name} ${i}`);
      const ledger = { name: 'ledger.jsonl', text: otherByte(release.ledger, pick) };
      const policy = { name: 'policy.yml', text: otherByte(release.policyText, pick) };
      for (const parts of [{ ledger }, { policy }]) {
        const { ok, problems } = verifyReceipt(auditOf(release, parts));
        expect({ ok, text: parts }).toEqual({ ok: false, text: parts });
        expect(problems.length).toBeGreaterThan(0);
      }
    }
  });
});

/** Of places that differ in their indices alone the first and the last; chance tries the others. */
function firstAndLast(paths: readonly Path[]): Path[] {
  const alike = new Map<string, { readonly first: Path; readonly last: Path }>();
  for (const path of paths) {
    const shape = path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
    alike.set(shape, { first: alike.get(shape)?.first ?? path, last: path });
  }
  return [...alike.values()].flatMap(({ first, last }) => [...new Set([first, last])]);
}

describe('the documented list of fields that only a signature protects', () => {
  /** Fields of which verify accepts another value, digests made anew. */
  const acceptedFields = (name: string, within: RegExp, change: (old: unknown) => unknown = another) => {
    const release = releaseNamed(name);
    return firstAndLast(leavesOf(release.receipt))
      .filter((path) => within.test(path.join('.')))
      .flatMap((path) => acceptedAt(release, { path, value: changeAt(release.receipt, path, change) }) ?? []);
  };
  const more = (old: unknown) => (typeof old === 'number' ? old + 1 : another(old));
  const unlisted = (fields: readonly string[], listed: typeof always) =>
    fields.filter((field) => !listed.some(({ pattern }) => pattern.test(field)));
  const found = [
    ...acceptedFields('pass', /^(evidence|run)\./),
    ...acceptedFields('pass', /^evidence\.(suite|asOf|attempt)/, more),
    ...acceptedFields('corrected', /^evidence\.(judge\.|(conditions|checks)\.\d+\.corrected)/),
  ];
  const foundAlone = acceptedFields('notGiven', /^evidence\.(judge|suite|served)\./);

  it('has every field whose change verify accepts', () => {
    expect(unlisted(found, always)).toEqual([]);
    expect(unlisted(foundAlone, [...always, ...withoutBaseline])).toEqual([]);
  });

  it('has no field that verify protects', () => {
    const protectedOnes = always.filter(({ pattern }) => !found.some((field) => pattern.test(field)));
    expect(protectedOnes.map(({ field }) => field)).toEqual([]);
    // The judge of these releases is built in: it has no server, no parameters and no members to change.
    const ofPlans = withoutBaseline.filter(({ field }) => field.endsWith('Sha256'));
    expect(ofPlans).toHaveLength(3);
    expect(ofPlans.filter(({ pattern }) => !foundAlone.some((field) => pattern.test(field)))).toEqual([]);
  });
});

describe('an unchanged receipt', () => {
  it.each(names)('holds with everything at hand: %s', (name) => {
    const release = releaseNamed(name);
    expect(verifyReceipt(auditOf(release))).toEqual({ ok: true, problems: [], unchecked: [] });
    const again: Receipt = JSON.parse(canonicalJson(release.receipt));
    expect(resealed(again)).toBe(textOf(release.receipt));
  });
});
