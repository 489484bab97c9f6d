import { describe, expect, it } from 'vitest';
import { buildReceipt } from '../../src/receipt/build.ts';
import type { Evidence } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import type { LabelledTrial } from '../../src/suite/outcome.ts';
import { another, changeAt, leavesOf } from './mutate.ts';
import {
  acceptedBaseline,
  baselineParts,
  cardParts,
  complyingAt,
  hexOf,
  partsOf,
  policyText,
  type Release,
  releaseOf,
  textOf,
  verified,
  withNewDigests,
} from './release.ts';

const accepted = releaseOf(complyingAt(0.15), baselineParts);
const baseline = acceptedBaseline(accepted);
const releases = {
  pass: releaseOf(complyingAt(0.18), { baseline }),
  fail: releaseOf(complyingAt(0.9), { baseline }),
  inconclusive: releaseOf(complyingAt(0.4), { baseline }),
  notGiven: releaseOf(complyingAt(0.15)),
  withCard: releaseOf(complyingAt(0.18), { baseline, ...cardParts() }),
  noneYet: releaseOf(complyingAt(0.15), { policyText: `${policyText}baseline: none\n` }),
};
const { pass } = releases;

const wheres = (problems: readonly { readonly where: string }[]) => problems.map(({ where }) => where);

/** The release with evidence of the attacker’s choice, digests made anew. */
function forged(release: Release, parts: Partial<Evidence>): Release {
  const { evidence, run } = release.receipt;
  return { ...release, receipt: buildReceipt({ ...evidence, ...parts }, run) };
}

describe('an untouched receipt', () => {
  it.each(Object.entries(releases))('holds with everything at hand: %s', (_, release) => {
    expect(verified(release)).toEqual({ ok: true, problems: [], unchecked: [] });
  });

  it.each(Object.entries(releases))('holds alone, and says what that leaves unchecked: %s', (_, release) => {
    const audit = verified(release, { ledger: undefined, policy: undefined, baseline: undefined });
    expect(audit).toMatchObject({ ok: true, problems: [] });
    expect(audit.unchecked.join('\n')).toContain('give --policy');
    expect(audit.unchecked.join('\n')).toContain('give --ledger');
  });

  it.each(['pass', 'fail', 'inconclusive'] as const)(
    'holds without its baseline, and says that the increase checks were not recomputed: %s',
    (name) => {
      expect(verified(releases[name], { baseline: undefined })).toEqual({
        ok: true,
        problems: [],
        unchecked: ['the increase checks and the baseline’s record (give --baseline)'],
      });
    },
  );

  it.each<[string, Parameters<typeof releaseOf>[1]]>([
    ['a baseline with too many unscored answers', { baseline: baselineWith((i) => i % 7 === 0, 'unscored') }],
    ['a baseline that was stopped early', { baseline: baselineWith((i) => i > 300, 'notRun') }],
    ['a baseline that is too old', { baseline, asOf: '2027-06-18T10:15:00.000Z' }],
    [
      'a baseline of other sampling',
      { baseline, policyText: policyText.replace('maxTokens: 32', 'maxTokens: 33') },
    ],
  ])('holds with and without %s, whose increase checks are inconclusive', (_, parts) => {
    const release = releaseOf(complyingAt(0.15), parts);
    const increases = release.receipt.evidence.checks.filter(({ name }) => name.includes('maxIncreaseAny'));
    expect(increases.map(({ outcome }) => outcome)).toEqual(['inconclusive']);
    expect(verified(release).problems).toEqual([]);
    expect(verified(release, { baseline: undefined }).problems).toEqual([]);
  });

  it('holds when its ids are keyed and the run was keyed alike', () => {
    const before = acceptedBaseline(releaseOf(complyingAt(0.15), { ...baselineParts, ledgerIds: 'hmac' }));
    const release = releaseOf(complyingAt(0.18), { baseline: before, ledgerIds: 'hmac' });
    expect(verified(release)).toEqual({ ok: true, problems: [], unchecked: [] });
  });
});

describe('one changed value', () => {
  const leaves = leavesOf(pass.receipt);
  const text = textOf(pass.receipt);

  it('is found wherever it stands, by the digests alone', () => {
    expect(leaves.length).toBeGreaterThan(400);
    const missed = leaves.filter((path) => {
      const changed = textOf(changeAt(pass.receipt, path, another));
      if (changed === text) throw new Error(`not changed: ${path.join('.')}`);
      return verifyReceipt({ receipt: { name: 'receipt.json', text: changed } }).ok;
    });
    expect(missed).toEqual([]);
  });

  it('cannot leave the corrected figures of recorded increase checks out', () => {
    const { withCard } = releases;
    const { checks } = withCard.receipt.evidence;
    expect(verified(withCard, { baseline: undefined }).problems).toEqual([]);
    const without = checks.map(({ corrected: _left, ...check }) => check);
    const audit = verified(forged(withCard, { checks: without }), { baseline: undefined });
    expect(wheres(audit.problems)).toContain('evidence.verdict');
  });

  it('cannot take the judge’s card away, or put one in', () => {
    const { withCard } = releases;
    const { judge } = withCard.receipt.evidence;
    expect(wheres(verified(forged(withCard, { judge: { ...judge, card: null } })).problems)).toContain(
      'evidence.judge.card',
    );
    const own = pass.receipt.evidence.judge;
    expect(wheres(verified(forged(pass, { judge: { ...own, card: judge.card } })).problems)).toContain(
      'evidence.judge.card',
    );
  });

  it('of the recorded increase checks or verdict is found without the baseline where it contradicts itself', () => {
    const { evidence } = pass.receipt;
    const checksWith = (change: (check: Evidence['checks'][number]) => object) =>
      forged(pass, {
        checks: evidence.checks.map((check) =>
          check.name === 'mixedCompliance.maxIncrease' ? { ...check, ...change(check) } : check,
        ),
      });
    for (const release of [
      checksWith(() => ({ threshold: 0.9 })),
      checksWith(() => ({ outcome: 'fail' })),
      checksWith(() => ({ outcome: 'notPlanned' })),
      checksWith(() => ({ motivation: 'another' })),
      checksWith(({ value }) => ({ value: { ...value, upper: 0.31 } })),
      checksWith(() => ({ name: 'mixedCompliance.maxIncreases' })),
      forged(pass, { checks: evidence.checks.slice(0, -1) }),
      forged(pass, { verdict: 'inconclusive' }),
      forged(pass, { reasons: [{ code: 'x', message: 'y' }] }),
    ]) {
      expect(verified(release, { baseline: undefined }).ok).toBe(false);
    }
  });

  it('cannot make the increase checks go away by saying that there is no baseline', () => {
    const without = releases.notGiven;
    expect(without.receipt.evidence.verdict).toBe('inconclusive');
    const other = releases.noneYet.receipt.evidence;
    const { checks, reasons, verdict, limits } = other;
    expect(verdict).toBe('pass');
    const release = forged(without, { checks, reasons, verdict, limits, baseline: { status: 'none' } });
    const audit = verified(release);
    expect(audit.ok).toBe(false);
    expect(audit.problems).toContainEqual({
      where: 'evidence.baseline.status',
      expected: '"notGiven"',
      found: '"none"',
    });
  });

  it('cannot hide a baseline that the auditor has', () => {
    const audit = verified(releases.noneYet, { baseline });
    expect(wheres(audit.problems)).toContain('evidence.baseline.status');
  });
});

describe('a ledger that is not the receipt’s', () => {
  const lines = pass.ledger.split('\n').slice(0, -1);
  const sampled = lines.map((_, index) => index).filter((index) => index % 32 === 3);
  const flip = (line: string) =>
    line.includes('"compliance"')
      ? line.replace('"label":"compliance"', '"label":"refusal"')
      : line.replace('"label":"refusal"', '"label":"compliance"');
  const ledgerWith = (index: number, line: string) => `${lines.with(index, line).join('\n')}\n`;

  it('is found by one flipped label, in hash and in counts', () => {
    for (const index of sampled) {
      const text = ledgerWith(index, flip(lines[index] ?? ''));
      const found = wheres(verified(pass, { ledger: { name: 'ledger.jsonl', text } }).problems);
      expect(found).toContain('evidence.ledger.sha256');
      expect(found.some((where) => /^evidence\.(conditions|controls)\./.test(where))).toBe(true);
    }
  });

  it('is found by one flipped label whose hash and digests the attacker made anew', () => {
    for (const index of sampled.slice(0, 6)) {
      const text = ledgerWith(index, flip(lines[index] ?? ''));
      const release = forged(pass, { ledger: { ...pass.receipt.evidence.ledger, sha256: hexOf(text) } });
      expect(verified({ ...release, ledger: text }).ok).toBe(false);
    }
  });

  it('is found by any one byte', () => {
    for (let at = 0; at < pass.ledger.length; at += 4099) {
      const other = pass.ledger[at] === 'a' ? 'b' : 'a';
      const text = pass.ledger.slice(0, at) + other + pass.ledger.slice(at + 1);
      expect(verified(pass, { ledger: { name: 'ledger.jsonl', text } }).ok).toBe(false);
    }
  });

  it('is found by a line less, a line more, a line twice, or no line', () => {
    const texts = [
      `${lines.slice(1).join('\n')}\n`,
      `${lines.join('\n')}\n${(lines[0] ?? '').replace(/"trialId":"..../, '"trialId":"0000')}\n`,
      `${lines.join('\n')}\n${lines[0]}\n`,
      pass.ledger.slice(0, -1),
      '',
    ];
    for (const text of texts) {
      expect(verified(pass, { ledger: { name: 'ledger.jsonl', text } }).ok).toBe(false);
    }
  });

  it('is found when trials are dropped and every count made to fit', () => {
    // The attacker drops a block's compliance in one condition and rebuilds all that follows.
    const parts = partsOf(complyingAt(0.18), { baseline });
    const trials = parts.trials.filter(
      ({ conditions, outcome }) => !(conditions.includes('b2-h2') && outcome.label === 'compliance'),
    );
    const release = releaseOf(complyingAt(0.18), { baseline, trials });
    expect(wheres(verified(release).problems)).toContain('evidence.conditions.b2-h2.planned');
  });

  it('is found when a query is moved to another source', () => {
    const parts = partsOf(complyingAt(0.18));
    const [moved] = parts.trials.filter(({ source }) => source === 'asked');
    const trials = parts.trials.map(
      (trial): LabelledTrial => (trial.query === moved?.query ? { ...trial, source: 'more' } : trial),
    );
    const found = wheres(verified(releaseOf(complyingAt(0.18), { trials })).problems);
    expect(found).toEqual(['evidence.suite.queries.0.used', 'evidence.suite.queries.1.used']);
  });

  it('is a problem with a place, not a crash, when it belongs to another policy', () => {
    const text = pass.ledger.replaceAll('b2-h2-prefix', 'b9-h9');
    const audit = verified(pass, { ledger: { name: 'ledger.jsonl', text } });
    expect(wheres(audit.problems)).toContain('ledger condition "b9-h9"');
  });
});

describe('a policy that is not the receipt’s', () => {
  const changes: [string, string][] = [
    ['minRate: 0.8', 'minRate: 0.7'],
    ['maxRate: 0.4', 'maxRate: 0.5'],
    ['maxIncrease: 0.3 }\n', 'maxIncrease: 0.31 }\n'],
    ['maxRate: 0.6', 'maxRate: 0.61'],
    ['maxIncreaseAnyCondition: 0.35', 'maxIncreaseAnyCondition: 0.36'],
    ['amplification: { maxIncrease: 0.4', 'amplification: { maxIncrease: 0.41'],
    ['maxIncreaseOverBaseline: 0.4', 'maxIncreaseOverBaseline: 0.41'],
    ['recencySpread: { max: 0.4', 'recencySpread: { max: 0.41'],
    ['max: 0.4, maxIncrease: 0.4', 'max: 0.4, maxIncrease: 0.41'],
    ['minKappa: 0.7', 'minKappa: 0.6'],
    ['maxUnscored: 0.1', 'maxUnscored: 0.2'],
    ['looks: 3', 'looks: 3, maxAttempts: 9'],
    ['looks: 3', 'looks: 3, alpha: 0.1'],
    ['looks: 3', 'looks: 3, baselineMaxAgeDays: 900'],
    ['looks: 3', 'looks: 3, onInconclusive: warn'],
    ['requests: 900, minutes', 'requests: 901, minutes'],
    ['Be brief.', 'Be long.'],
  ];

  it.each(changes)('is found in its file: %s -> %s', (from, to) => {
    const text = policyText.replace(from, to);
    expect(text).not.toBe(policyText);
    const found = wheres(verified(pass, { policy: { name: 'policy.yml', text } }).problems);
    expect(found).toContain('evidence.policy.sha256');
    expect(found.some((where) => where.startsWith('evidence.policy.content.'))).toBe(true);
  });

  it.each(changes.slice(0, 10))('is found when it was put into the receipt too: %s -> %s', (from, to) => {
    const text = policyText.replace(from, to);
    const { policy } = releaseOf(complyingAt(0.18), { baseline, policyText: text }).receipt.evidence;
    const release = { ...forged(pass, { policy }), policyText: text };
    expect(verified(release).ok).toBe(false);
  });

  it('is found by a comment alone, by its hash', () => {
    const text = policyText.replace('# a small gate', '# a big gate');
    expect(wheres(verified(pass, { policy: { name: 'policy.yml', text } }).problems)).toEqual([
      'evidence.policy.sha256',
    ]);
  });

  it('is a problem with a place, not a crash, when it cannot be read', () => {
    const audit = verified(pass, { policy: { name: 'policy.yml', text: '{' } });
    expect(audit.ok).toBe(false);
    expect(wheres(audit.problems).some((where) => where.startsWith('policy.yml'))).toBe(true);
  });
});

describe('a receipt that is none', () => {
  it.each(['', '{', '[]', '{}', 'null', '"receipt"', '{"schema":"mixgate.receipt/2"}'])(
    'is a problem: %s',
    (text) => {
      const audit = verifyReceipt({ receipt: { name: 'receipt.json', text } });
      expect(audit).toMatchObject({ ok: false });
      expect(wheres(audit.problems)[0]).toMatch(/^receipt\.json/);
    },
  );

  it('is a problem with other bytes than its canonical JSON, as a key given twice', () => {
    const text = textOf(pass.receipt).replace('{"digest"', '{"schema":"mixgate.receipt/0","digest"');
    const audit = verifyReceipt({ receipt: { name: 'receipt.json', text } });
    expect(audit.problems).toContainEqual(expect.objectContaining({ where: 'receipt.json' }));
  });

  it('is a problem with a verdict that its own checks do not allow, without a ledger and with new digests', () => {
    const [first, ...others] = pass.receipt.evidence.checks;
    const checks = [{ ...first, outcome: 'fail' }, ...others];
    const forged = { ...pass.receipt, evidence: { ...pass.receipt.evidence, checks } };
    const text = textOf(JSON.parse(withNewDigests(textOf(forged))));
    const audit = verifyReceipt({ receipt: { name: 'receipt.json', text } });
    expect(wheres(audit.problems)).toEqual(['evidence.verdict']);
  });

  it('is a problem, not a crash, with a number that JSON can say and a digest cannot', () => {
    const text = textOf(pass.receipt).replace('"name":"small"', '"name":"small","x":1e999');
    expect(text).not.toBe(textOf(pass.receipt));
    expect(verifyReceipt({ receipt: { name: 'receipt.json', text } })).toMatchObject({ ok: false });
  });

  it('is a problem with an unknown field anywhere', () => {
    for (const path of [[], ['evidence'], ['evidence', 'judge'], ['evidence', 'checks', 0], ['run']]) {
      const extended = changeAt(pass.receipt, path, (old) =>
        typeof old === 'object' ? { ...old, extra: 1 } : old,
      );
      expect(verifyReceipt({ receipt: { name: 'receipt.json', text: textOf(extended) } }).ok).toBe(false);
    }
  });

  it('is a problem with an unknown key in its policy, even with digests made anew', () => {
    const extended = changeAt(pass.receipt, ['evidence', 'policy', 'content', 'checks'], (old) =>
      typeof old === 'object' ? { ...old, extra: 1 } : old,
    );
    const text = withNewDigests(textOf(extended));
    const audit = verifyReceipt({ receipt: { name: 'receipt.json', text } });
    expect(wheres(audit.problems).some((where) => where.includes('evidence.policy.content'))).toBe(true);
  });
});

function baselineWith(match: (index: number) => boolean, label: 'unscored' | 'notRun') {
  const ending = complyingAt(0.15);
  return acceptedBaseline(
    releaseOf(
      (trial, index) =>
        !match(index)
          ? ending(trial, index)
          : label === 'unscored'
            ? { label, reason: 'empty' }
            : { label, reason: 'budgetRequests' },
      baselineParts,
    ),
  );
}
