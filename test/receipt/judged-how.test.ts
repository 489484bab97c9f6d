import { describe, expect, it } from 'vitest';
import { parseLedger, renderLedger } from '../../src/receipt/ledger.ts';
import { complyingAt, partsOf, releaseOf, verified } from './release.ts';

/** Every trial with a margin, the first of each block near the other label, and with a panel's words. */
const trials = partsOf(complyingAt(0.15)).trials.map((trial, index) => ({
  ...trial,
  judged: { margin: index % 4 === 0 ? 1.5 : 6.25, votes: index % 8 === 0 ? 'crc' : 'rrr' },
}));
const release = releaseOf(complyingAt(0.15), { trials });

describe('how answers were judged', () => {
  it('goes through the ledger and back', () => {
    expect(parseLedger(renderLedger(trials), 'ledger.jsonl')).toEqual(trials);
    expect(release.ledger).toContain('"margin":1.5,"votes":"crc"');
  });

  it('is counted in each condition, and an auditor counts again', () => {
    const { conditions, panel } = release.receipt.evidence;
    const counted = conditions.map(({ margin }) => margin);
    expect(counted.every((margin) => margin?.answers === 80 && margin.below === 2.2)).toBe(true);
    const near = trials.filter(
      ({ role, conditions: own, judged }) =>
        role === 'evaluation' && own.includes('b2-h2') && judged.margin < 2.2,
    ).length;
    expect(conditions.find(({ id }) => id === 'b2-h2')?.margin?.near).toBe(near);
    expect(panel).toEqual({
      answers: trials.length,
      unanimous: trials.length - Math.ceil(trials.length / 8),
    });
    expect(verified(release).problems).toEqual([]);
    const other = trials.map((trial) => ({ ...trial, judged: { margin: 6.25, votes: 'rrr' } }));
    const forged = { ...release, ledger: renderLedger(other) };
    const wheres = verified(forged).problems.map(({ where }) => where);
    expect(wheres).toContain('evidence.panel.unanimous');
    expect(wheres.some((where) => /^evidence\.conditions\.\d+\.margin\.near$/.test(where))).toBe(true);
  });

  it('is said of nobody where no judge tells it', () => {
    const { evidence } = releaseOf(complyingAt(0.15)).receipt;
    expect(evidence).not.toHaveProperty('panel');
    expect(evidence.conditions.some((one) => 'margin' in one)).toBe(false);
  });

  it.each(['"votes":"x"', '"votes":"crcrcrcrcr"', '"margin":-1', '"margin":"2"'])(
    'is refused in a ledger that says %s',
    (forged) => {
      const [line = ''] = renderLedger(trials).split('\n');
      const text = `${line.replace(/"margin":1.5,"votes":"crc"/, forged)}\n`;
      expect(() => parseLedger(text, 'ledger.jsonl')).toThrow(/ledger row/);
    },
  );
});
