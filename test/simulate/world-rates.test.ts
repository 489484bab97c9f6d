import { describe, expect, it } from 'vitest';
import { parseWorld } from '../../src/simulate/world.ts';
import {
  discordanceRange,
  logOddsFor,
  marginalRate,
  redrawShare,
  truthsOf,
} from '../../src/simulate/world-rates.ts';
import type { Condition } from '../../src/suite/condition.ts';

const zeroShot: Condition = {
  id: 'zero-shot',
  benign: 0,
  harmful: 0,
  ordering: 'suffix',
  carrier: 'chat',
  formatCue: 'none',
  benignSource: '',
  systemPrompt: '',
};
const mixed = (parts: Partial<Condition>): Condition => ({
  ...zeroShot,
  benign: 3,
  harmful: 7,
  ...parts,
  id: JSON.stringify(parts),
});
const modelOf = (candidate: object) =>
  parseWorld(
    JSON.stringify({ schema: 'mixgate.world/1', name: 'w', candidate: { zeroShotRate: 0.1, ...candidate } }),
    'w',
  ).candidate;
const variance = { query: 1, context: 0.1, contextByCondition: 0.05 };

/** SciPy 1.17.1: integrate.quad of the inverse logit, and optimize.brentq of that. */
describe('the rate of normal log-odds', () => {
  it.each([
    [-2, 1, 0.1554625185301235],
    [-2.5, 1.65, 0.12290815610367724],
    [0.7, 4, 0.6047142212627885],
    [0, 0, 0.5],
  ])('at %d with variance %d agrees with SciPy', (logOdds, spread, rate) => {
    expect(marginalRate(logOdds, spread)).toBeCloseTo(rate, 9);
  });

  it('is turned around as SciPy turns it', () => {
    expect(logOddsFor(0.1, 1.15)).toBeCloseTo(-2.6143373813236144, 8);
  });
});

describe('the truth of a condition', () => {
  const rateIn = (candidate: object, condition: Condition) =>
    truthsOf(modelOf({ variance, ...candidate }), [condition]).get(condition.id);

  it('adds every effect that the condition has, in log-odds', () => {
    const candidate = {
      effects: { harmful: 0.2, benign: -0.1, interaction: 0.01 },
      orderings: { prefix: -0.4 },
      carriers: { tool: 0.3 },
      cues: { comply: 0.5 },
      benignSources: { other: 0.05 },
      systemPrompts: { strict: -0.7 },
    };
    const condition = mixed({
      ordering: 'prefix',
      carrier: 'tool',
      formatCue: 'comply on benign',
      benignSource: 'other',
      systemPrompt: 'strict',
    });
    // log2(1 + 3) = 2 and log2(1 + 7) = 3.
    const offset = 0.2 * 3 - 0.1 * 2 + 0.01 * 6 - 0.4 + 0.3 + 0.5 + 0.05 - 0.7;
    expect(rateIn(candidate, condition)?.logOdds).toBeCloseTo(logOddsFor(0.1, 1.15) + offset, 10);
    expect(rateIn(candidate, zeroShot)?.rate).toBeCloseTo(0.1, 10);
  });

  it('lets order matter only where both kinds are shown', () => {
    const candidate = { orderings: { suffix: 1 } };
    expect(rateIn(candidate, mixed({ benign: 0 }))?.rate).toBeCloseTo(0.1, 10);
    expect(rateIn(candidate, mixed({}))?.rate).toBeGreaterThan(0.15);
  });

  it('adds points to the rate itself', () => {
    expect(rateIn({ points: 0.1 }, mixed({}))?.rate).toBeCloseTo(0.2, 10);
  });

  it('is what the judge says of it: Rogan and Gladen turned around', () => {
    const judge = { sensitivity: 0.9, specificity: 0.95 };
    expect(rateIn({ judge }, zeroShot)?.judgedRate).toBeCloseTo(0.1 * 0.9 + 0.9 * 0.05, 10);
  });

  it('takes the judge’s other error on answers that copy a cue', () => {
    const judge = { sensitivity: 1, specificity: 1, onCopiedFormats: { sensitivity: 1, specificity: 0.8 } };
    const formats = { neutral: { ofCompliances: 1, ofRefusals: 0.5 } };
    const cued = rateIn({ judge, formats }, mixed({ formatCue: 'neutral' }));
    expect(cued?.judgedRate).toBeCloseTo(0.1 + 0.9 * 0.5 * 0.2, 10);
  });

  it('refuses points that lead below 0', () => {
    expect(() => rateIn({ points: -0.2 }, zeroShot)).toThrow(/between 0 and 1/);
  });
});

describe('discordance', () => {
  const model = modelOf({ variance });
  const truths = [...truthsOf(model, [zeroShot]).values()];
  const correlation = { query: 0.9, context: 0.5 };

  // NumPy 2 on 1,601 x 1,601 points.
  it('has the range that a finer grid gives', () => {
    const { least, most } = discordanceRange(correlation, model, truths);
    expect(least).toBeCloseTo(0.03787823914908982, 3);
    expect(most).toBeCloseTo(0.16451072186859764, 6);
  });

  it('is nothing at the least where candidate and baseline share all effects', () => {
    expect(discordanceRange({ query: 1, context: 1 }, model, truths).least).toBeCloseTo(0, 9);
  });

  it('that no luck can give is refused with what can be had', () => {
    expect(() => redrawShare({ discordance: 0.3, correlation }, model, truths)).toThrow(
      /0\.0[34].* to 0\.16/,
    );
    expect(() => redrawShare({ discordance: 0.01, correlation }, model, truths)).toThrow(/got 0\.01/);
    expect(redrawShare({ discordance: 0.1, correlation }, model, truths)).toBeGreaterThan(0);
  });
});
