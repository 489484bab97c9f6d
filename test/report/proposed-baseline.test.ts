import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptanceSchema, type Baseline, parseBaseline } from '../../src/receipt/baseline.ts';
import { renderProposedBaseline } from '../../src/report/proposed-baseline.ts';
import { acceptedFiles, baselineParts, complyingAt, policyText, releaseOf } from '../receipt/release.ts';
import { hostileText } from './hostile-text.ts';

/** A run in a folder of its own, accepted with what the test says. */
function baselineAt(
  share: number,
  accepted: object = {},
  parts: Parameters<typeof releaseOf>[1] = baselineParts,
): Baseline {
  const files = acceptedFiles(releaseOf(complyingAt(share), parts));
  const acceptance = acceptanceSchema.parse({ ...JSON.parse(files.acceptance), ...accepted });
  return parseBaseline({ ...files, acceptance: JSON.stringify(acceptance) });
}

const firstRelease = { ...baselineParts, policyText: `${policyText}baseline: none\n` };
const now = baselineAt(0.15, {}, firstRelease);
const later = { ...firstRelease, asOf: '2026-06-16T10:15:00.000Z' };

describe('a proposed baseline', () => {
  it('is shown beside the one in force, with the difference of the two and its interval', () => {
    const proposed = baselineAt(
      0.25,
      { by: 'Ada', reason: 'second release', replaces: now.receipt.digest },
      later,
    );
    const text = renderProposedBaseline({ now, proposed });
    expect(text).toContain('accepted by `Ada` on 2026-06-09 because “second release”');
    expect(text).toContain(`receipt \`${now.receipt.digest.slice(0, 12)}\``);
    expect(text).toMatch(/\| Compliance with harmful queries \| Now \| Proposed \|/);
    expect(text).toMatch(
      /Proposed minus now, over \d+ trials that both answered: .*mean of mixed contexts \+\d/,
    );
    expect(text).not.toContain('⚠️');
  });

  it('is named the first one where there is none yet', () => {
    const text = renderProposedBaseline({ now: null, proposed: now });
    expect(text).toContain('the first one');
    expect(text).not.toContain('| Now |');
  });

  it('comes with a warning where it did not pass, nobody accepted it, it replaces another, or is older', () => {
    const failed = baselineAt(0.95, { replaces: 'f'.repeat(64) }, firstRelease);
    expect(failed.receipt.evidence.verdict).toBe('fail');
    const warned = renderProposedBaseline({ now: baselineAt(0.15, {}, later), proposed: failed });
    expect(warned).toContain('did not pass its own gate (fail)');
    expect(warned).toContain('which is not the baseline in force');
    expect(warned).toContain('It is older than the baseline in force.');
    expect(renderProposedBaseline({ now, proposed: { ...now, acceptance: null } })).toContain(
      'Nobody accepted it',
    );
  });

  it('names the fields in which it differs and gives no difference then', () => {
    const other = { ...later, policyText: firstRelease.policyText.replace('maxTokens: 32', 'maxTokens: 48') };
    const text = renderProposedBaseline({ now, proposed: baselineAt(0.15, {}, other) });
    expect(text).toContain('`sampling.maxTokens`');
    expect(text).not.toContain('Proposed minus now');
  });

  it('that cannot be used is said to be so', () => {
    const text = renderProposedBaseline({ now, proposed: { unusable: 'its ledger is missing' } });
    expect(text).toBe('**The proposed baseline cannot be used**: its ledger is missing.');
  });

  it('lets no text of the head be more than text, and stays short', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { acceptance: own } = now;
        if (own === null) throw new Error('it is accepted');
        const acceptance = { ...own, by: text, reason: text };
        const shown = renderProposedBaseline({ now, proposed: { ...now, acceptance } });
        expect(shown.length).toBeLessThan(4000);
        expect(shown.replaceAll(/<\/?code>/g, '')).not.toMatch(/[<>]|@\w|\n#|\]\(/);
      }),
      { numRuns: 60 },
    );
  });
});
