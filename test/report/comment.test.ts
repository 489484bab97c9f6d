import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CheckResult, type Receipt, receiptSchema } from '../../src/receipt/receipt.ts';
import { renderComment, renderErrorComment } from '../../src/report/comment.ts';
import { renderReport } from '../../src/report/html.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { checkWords } from '../../src/report/words.ts';
import { expectGolden } from './golden.ts';
import { hostileText } from './hostile-text.ts';
import { check, interval, rateOf } from './sample-parts.ts';
import {
  dryRunReceipt,
  failReceipt,
  hostileReceipt,
  inconclusiveReceipt,
  largeReceipt,
  noBaselineReceipt,
  passReceipt,
  samples,
  unavailableReceipt,
} from './sample-receipts.ts';

const firstLine = (receipt: Receipt) => renderComment(receipt).split('\n')[0] ?? '';

function withChecks(receipt: Receipt, checks: CheckResult[], verdict: 'pass' | 'fail' = 'fail'): Receipt {
  return { ...receipt, evidence: { ...receipt.evidence, verdict, checks } };
}

/** The cells of the table row whose second cell is this title. */
function rowOf(comment: string, title: string): string[] {
  const rows = comment.split('\n').map((line) =>
    line
      .replaceAll('&nbsp;', ' ')
      .split('|')
      .map((cell) => cell.trim()),
  );
  return rows.find((cells) => cells[2] === title) ?? [];
}

const compactSchema = z.strictObject({
  schema: z.literal('mixgate.compact/1'),
  verdict: z.string(),
  policy: z.string(),
  candidate: z.unknown(),
  baseline: z.looseObject({ status: z.string(), model: z.string().optional() }),
  zeroShot: z.unknown(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      outcome: z.string(),
      value: z.unknown(),
      threshold: z.number(),
      at: z.string(),
      note: z.string().optional(),
      remedy: z.string().optional(),
    }),
  ),
  verify: z.string(),
  evidenceDigest: z.string(),
  digest: z.string(),
});

function stepsOf(receipt: Receipt): string[] {
  return /### What to do next\n([\s\S]*?)\n\n/.exec(renderComment(receipt))?.[1]?.split('\n') ?? [];
}

function numbers(cell: string | undefined): number[] {
  return (
    (cell ?? '')
      .replaceAll('−', '-')
      .match(/[-+]?\d+\.\d+/g)
      ?.map(Number) ?? []
  );
}

function expectRounded(cell: string | undefined, values: readonly number[]): void {
  const shown = numbers(cell);
  expect(shown).toHaveLength(values.length);
  for (const [i, value] of values.entries())
    expect(Math.abs((shown[i] ?? NaN) - value * 100)).toBeLessThan(0.0500001);
}

describe('golden comments', () => {
  for (const [name, build] of Object.entries(samples)) {
    it(`stay byte for byte: ${name}`, () => {
      expectGolden(`comment-${name}.md`, renderComment(receiptSchema.parse(build())));
    });
  }
  it('stay byte for byte: error and summary', () => {
    const message =
      'policies/demo.yml:12: checks.mixedCompliance: unknown key maxRat\nDid you mean maxRate? @octocat <b>';
    expectGolden('comment-error.md', renderErrorComment({ policyName: 'demo', message }));
    expectGolden('summary-fail.md', renderSummary(failReceipt()));
  });
});

describe('the first line', () => {
  it('says what failed and by how much', () => {
    expect(firstLine(failReceipt())).toBe(
      '## ❌ Blocked: `tiny-refuser` complies 24.1 points more than its baseline, on average over mixed contexts',
    );
  });

  it('names every kind of failed check with its estimate', () => {
    for (const one of failReceipt().evidence.checks) {
      const unit = checkWords(one.name).unit;
      const value = unit === 'rate' ? rateOf(200, 384) : interval(0.3083, 0.25, 0.36);
      const line = firstLine(withChecks(failReceipt(), [{ ...one, outcome: 'fail', value }]));
      expect(line).toMatch(/^## ❌ Blocked: `tiny-refuser` \S/);
      expect(line).toContain(unit === 'rate' ? '52.1 %' : '30.8 points');
      expect(line).not.toContain('maxIncrease');
    }
  });

  it('puts a server that does not answer before everything else', () => {
    const dead = check('controlCompliance.minRate', 'fail', rateOf(136, 160), {
      threshold: 0.9,
      at: 'zero-shot',
    });
    const line = firstLine(withChecks(failReceipt(), [...failReceipt().evidence.checks, dead]));
    expect(line).toContain('answers only 85.0 % of the harmless control queries');
  });

  it('says what a pass has shown', () => {
    expect(firstLine(passReceipt())).toBe(
      '## ✅ Passed: `tiny-refuser` complies at most 1.8 points more than its baseline, on average over mixed contexts',
    );
  });

  it('says that there is no baseline yet', () => {
    expect(firstLine(noBaselineReceipt())).toMatch(/^## ✅ Passed, no baseline yet: /);
  });

  it('gives the first reason where there is no verdict, and "not verified" where the policy lets it through', () => {
    expect(firstLine(inconclusiveReceipt())).toBe(
      '## ⚠️ Blocked, inconclusive: `tiny-refuser` cannot be judged: the baseline is 104 days old; the policy allows 90',
    );
    expect(firstLine(inconclusiveReceipt('warn'))).toMatch(/^## ⚠️ Not verified: /);
  });

  it('does not let an inconclusive run through when the policy cannot be read', () => {
    const receipt = inconclusiveReceipt('warn');
    const policy = { ...receipt.evidence.policy, content: {} };
    expect(firstLine({ ...receipt, evidence: { ...receipt.evidence, policy } })).toMatch(/^## ⚠️ Blocked/);
  });
});

describe('the numbers of a comment', () => {
  it('are the receipt’s, rounded, in every check', () => {
    for (const receipt of [passReceipt(), failReceipt()]) {
      const comment = renderComment(receipt);
      for (const { name, value, threshold, outcome } of receipt.evidence.checks) {
        const cells = rowOf(comment, checkWords(name).title);
        if ('unavailable' in value) throw new Error('the sample has a value');
        expectRounded(cells[3], [value.estimate, value.lower, value.upper]);
        expectRounded(cells[4], [threshold]);
        expect(cells[1]).toContain(outcome);
      }
    }
  });

  it('are the receipt’s for any interval and threshold', () => {
    const share = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, c, threshold) => {
        const value = interval(a, b, c);
        const one = check('mixedCompliance.maxIncrease', 'fail', value, { threshold, at: '' });
        const cells = rowOf(renderComment(withChecks(failReceipt(), [one])), checkWords(one.name).title);
        expectRounded(cells[3], [a, b, c]);
        expectRounded(cells[4], [threshold]);
      }),
      { numRuns: 100 },
    );
  });

  it('are the receipt’s in every condition, with the zero-demonstration rate beside them', () => {
    const { evidence } = failReceipt();
    const comment = renderComment(failReceipt());
    for (const one of evidence.conditions) {
      const cells = rowOf(comment, `\`${one.id}\``);
      const counts = [one.planned, one.compliance, one.refusal, one.unscored, one.notRun];
      expect(cells.slice(3, 8).map(Number)).toEqual(counts);
      if ('unavailable' in one.rate) throw new Error('the sample has a rate');
      expectRounded(cells[8], [one.rate.estimate, one.rate.lower, one.rate.upper]);
    }
    expect(comment).toContain('**Without demonstrations** it complies with 4.7 % (2.3 to 7.0)');
    expect(comment).toContain('no demonstrations      4.7 %');
  });

  it('are exact in the folded compact receipt, which tells a parser all that a reader is told', () => {
    for (const receipt of [failReceipt(), passReceipt(), noBaselineReceipt(), inconclusiveReceipt()]) {
      const { evidence, evidenceDigest, digest } = receipt;
      const json = /```json\n([\s\S]*?)\n```/.exec(renderComment(receipt))?.[1] ?? '';
      expect(json.length).toBeLessThan(20_000);
      const compact = compactSchema.parse(JSON.parse(json));
      const { verdict, candidate, zeroShot } = evidence;
      expect(compact).toMatchObject({ policy: 'demo', verdict, candidate, zeroShot, evidenceDigest, digest });
      expect(compact.checks).toHaveLength(evidence.checks.length);
      for (const [i, said] of compact.checks.entries()) {
        expect(evidence.checks[i]).toMatchObject(said);
        if (said.outcome === 'fail') expect(said.remedy).toBe(evidence.checks[i]?.remedy);
      }
      const { model, ...baseline } = compact.baseline;
      expect(evidence.baseline).toMatchObject(
        model === undefined ? baseline : { ...baseline, candidate: { model } },
      );
      expect(compact.verify).toMatch(/^mixgate verify receipt\.json --ledger ledger\.jsonl --policy POLICY/);
    }
  });
});

describe('a comment', () => {
  it('shows a remedy for each check that failed or is open, each remedy once, and none else', () => {
    const { checks } = failReceipt().evidence;
    const steps = stepsOf(failReceipt());
    const open = checks.filter((one) => one.outcome === 'fail' || one.outcome === 'inconclusive');
    const remedies = new Set(open.map(({ remedy }) => remedy));
    expect(steps.filter((line) => line.startsWith('- '))).toHaveLength(remedies.size);
    for (const remedy of remedies) expect(steps.filter((line) => line.includes(remedy))).toHaveLength(1);
    for (const one of open) expect(steps.join('\n')).toContain(`\`${one.name}\``);
    expect(renderComment(passReceipt())).not.toContain('What to do next');
  });

  it('links the workflow run that keeps the files, and nothing that is no address of one', () => {
    const on = (github: Record<string, string>) => {
      const receipt = failReceipt();
      return renderComment({ ...receipt, run: { ...receipt.run, github } });
    };
    const github = { serverUrl: 'https://github.example', repository: 'o/r', runId: '77' };
    expect(on(github)).toContain('[workflow run 77](https://github.example/o/r/actions/runs/77#artifacts)');
    const wrong = [
      { serverUrl: 'javascript:alert(1)' },
      { serverUrl: 'https://github.example/)x' },
      { repository: 'o/r](https://evil.example' },
      { runId: '77)' },
    ];
    for (const one of wrong) expect(on({ ...github, ...one })).not.toContain('workflow run');
  });

  it('says of a dry run to bring one’s own files, and nothing that placeholders showed', () => {
    const steps = stepsOf(dryRunReceipt());
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(/of your own .*\(`redactedQueries`, `redactedDemonstrations`\)$/);
  });

  it('says what to do about every reason that the gate gives beside its checks', () => {
    const codes = ['fitness', 'judge-reasons'].flatMap((file) =>
      [...readFileSync(`src/gate/${file}.ts`, 'utf8').matchAll(/code(?::| =) '(\w+)'/g)].map((one) => one[1]),
    );
    expect(codes.length).toBeGreaterThan(10);
    const { evidence } = passReceipt();
    for (const code of codes) {
      const reasons = [{ code: code ?? '', message: 'a reason' }];
      const steps = stepsOf({
        ...passReceipt(),
        evidence: { ...evidence, verdict: 'inconclusive', reasons },
      });
      expect(steps, code).toEqual([expect.stringMatching(new RegExp(`^- [A-Z].*\\(\`${code}\`\\)$`))]);
    }
  });

  it('gives every open check a line of its own, with what is noted of it alone', () => {
    const { evidence } = failReceipt();
    const checks = evidence.checks.map((one) => ({
      ...one,
      remedy: 'Mend it.',
      note: one.outcome === 'pass' ? '' : `noted of ${one.name}`,
    }));
    const steps = stepsOf(withChecks(failReceipt(), checks));
    const open = checks.filter(({ outcome }) => outcome !== 'pass');
    expect(open.length).toBeGreaterThan(4);
    expect(steps).toHaveLength(1 + open.length);
    for (const { name } of open) {
      const own = steps.filter((line) => line.includes(`\`${name}\``));
      expect(own).toHaveLength(1);
      expect(own[0]?.match(/Noted of [\w.]+/g)).toEqual([`Noted of ${name}.`]);
    }
  });

  it('says beside the verdict that the baseline did not pass, but not of one that had none itself', () => {
    const { evidence } = passReceipt();
    const { baseline } = evidence;
    if (baseline.status !== 'compared') throw new Error('the sample is compared');
    const second = (parts: object) => {
      const own = { ...passReceipt(), evidence: { ...evidence, baseline: { ...baseline, ...parts } } };
      return renderComment(receiptSchema.parse(own)).split('\n')[2];
    };
    expect(second({})).not.toContain('did not pass');
    expect(second({ verdict: 'fail' })).toContain('The baseline did not pass its own gate (fail).');
    expect(second({ verdict: 'inconclusive' })).toContain('did not pass its own gate (inconclusive)');
    expect(second({ verdict: 'inconclusive', sameRun: true })).not.toContain('did not pass');
    expect(second({ verdict: 'fail', sameRun: true })).toContain('did not pass');
  });

  it('has the baseline’s own figure beside each check, where the two may be compared', () => {
    const receipt = failReceipt();
    const cellOf = (name: string, own: Receipt) => rowOf(renderComment(own), checkWords(name).title)[5];
    // The sample's shares of its baseline: 0.018 without demonstrations, ten mixed ones with a mean of 0.039.
    expect(cellOf('zeroShotCompliance.maxRate', receipt)).toBe('1.8 %');
    expect(cellOf('controlCompliance.minRate', receipt)).toBe('98.1 %');
    expect(cellOf('amplification.maxIncrease', receipt)).toBe('+0.5 points');
    expect(cellOf('mixedCompliance.maxIncrease', receipt)).toBe('3.9 %');
    const { evidence } = receipt;
    const other = { ...evidence.baseline, notComparable: ['judge.kind'] };
    const apart = { ...receipt, evidence: { ...evidence, baseline: other } };
    expect(cellOf('zeroShotCompliance.maxRate', receiptSchema.parse(apart))).toBe('–');
    expect(cellOf('zeroShotCompliance.maxRate', noBaselineReceipt())).toBe('–');
  });

  it('puts the undetermined effect into words', () => {
    const comment = renderComment(passReceipt());
    expect(comment).toContain('no significant benign effect, not shown to be small');
    expect(comment).not.toContain('undetermined');
  });

  it('says that numbers are not available and shows no picture of nothing', () => {
    const comment = renderComment(unavailableReceipt());
    expect(comment).toContain('no trial was scored');
    expect(comment).not.toMatch(/NaN|undefined|null %|█/);
  });

  it('stays below 60,000 characters and says how many conditions it leaves to the report', () => {
    const { evidence } = largeReceipt();
    const conditions = [...evidence.conditions, ...evidence.conditions].map((one, i) => ({
      ...one,
      id: `c${i}`,
    }));
    const comment = renderComment({ ...largeReceipt(), evidence: { ...evidence, conditions } });
    expect(comment.length).toBeLessThan(60_000);
    const shown = comment.match(/^\| .* \| `c\d+` \|/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(300);
    expect(comment).toContain(`${conditions.length - shown} more conditions left to the report.`);
  });

  it('stays below 60,000 characters with absurd names, without losing digests or verdict', () => {
    for (const size of [1, 30, 2000]) {
      const receipt = receiptSchema.parse(hostileReceipt(size));
      const comment = renderComment(receipt);
      expect(comment.length).toBeLessThan(60_000);
      expect(comment).toContain(receipt.evidenceDigest);
      expect(comment).toMatch(/^## ❌ Blocked: /);
    }
  });

  it('stays below 60,000 characters when every list is as long as it can be', () => {
    const { evidence } = hostileReceipt(30);
    const often = <T>(items: readonly T[]) => Array.from({ length: 40 }, () => items).flat();
    const long = {
      ...evidence,
      verdict: 'inconclusive' as const,
      checks: often(evidence.checks),
      reasons: often(evidence.reasons),
      limits: often(evidence.limits),
      controls: often(evidence.controls),
      conditions: often(evidence.conditions),
    };
    const receipt = receiptSchema.parse({ ...hostileReceipt(), evidence: long });
    const comment = renderComment(receipt);
    expect(comment.length).toBeLessThan(60_000);
    expect(comment).toContain(receipt.digest);
    expect(comment).toMatch(/376 more checks in the report/);
  });

  it('takes names that every object answers to for plain names', () => {
    const { evidence } = failReceipt();
    const checks = evidence.checks.map((one) => ({ ...one, name: 'constructor', at: '__proto__' }));
    const conditions = evidence.conditions.map((one) => ({
      ...one,
      ordering: `${one.ordering === 'suffix' ? 'toString' : 'constructor'}`,
    }));
    const receipt = { ...failReceipt(), evidence: { ...evidence, checks, conditions } };
    for (const text of [renderComment(receipt), renderReport(receipt)]) {
      expect(text).toContain('constructor');
      expect(text).not.toContain('native code');
    }
  });

  it('holds no hostile text as structure', () => {
    const comment = renderComment(hostileReceipt());
    expect(comment).not.toMatch(/<!--|<img|@octocat|https:\/\/|\u202e|\u200b/);
    expect(
      comment.match(/<\/?(\w+)>/g)?.filter((tag) => !/^<\/?(details|summary|code|br)>$/.test(tag)),
    ).toEqual([]);
    expect(comment.match(/^#+ /gm)).toEqual(['## ', '### ']);
    expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
  });

  it('is the same for the same receipt', () => {
    expect(renderComment(failReceipt())).toBe(renderComment(structuredClone(failReceipt())));
  });
});

describe('an error comment', () => {
  it('never speaks of a pass, is short, and lets no message become structure', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const comment = renderErrorComment({ policyName: text, message: text.repeat(50) });
        expect(comment.length).toBeLessThan(20_000);
        expect(comment.match(/<(?!\/?code>|br>)/g)).toBeNull();
        expect(comment.match(/^#+ .*$/gm)).toEqual(['## 🛑 Error: mixgate could not judge this release']);
      }),
    );
  });
});

describe('the job summary', () => {
  it('lists every condition of a large suite', () => {
    const summary = renderSummary(largeReceipt());
    expect(summary.match(/^\| .* \| `(b\d+-h\d+|zero-shot)` \|/gm)?.length).toBe(400);
    expect(summary.split('\n')[0]).toBe(firstLine(largeReceipt()));
  });
});
