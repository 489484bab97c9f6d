// The worlds of calibration: base rate, variance between contexts, and what a candidate changes.
import { parseWorld } from '../../src/simulate/world.ts';
import { discordanceRange, truthsOf } from '../../src/simulate/world-rates.ts';

/** Variances of log-odds. Light: about 1 % of an answer's variance is common to a context; heavy: about 8 %. */
export const spreads = {
  light: { query: 1, context: 0.04, contextByCondition: 0.04 },
  heavy: { query: 1, context: 0.5, contextByCondition: 0.25 },
};

const correlation = { query: 0.9, context: 0.5 };

/** Benign demonstrations that raise compliance, an order that spreads it: one condition stands out of each family. */
const graded = {
  effects: { benign: 0.2 },
  orderings: { prefix: -0.8, random: -0.4, middle: -0.4, interleaved: -0.4 },
};

/**
 * `equal`: the candidate has the baseline's own distribution. `worse`: it complies by `points` more everywhere.
 * `graded`: rises and spreads that its baseline has not.
 */
export function calibrationWorld({ rate, spread, shape, points = 0.05, controlRate = 0.9, missing = {} }) {
  const variance = spreads[spread];
  const plain = {
    zeroShotRate: rate,
    variance,
    control: { rate: controlRate, contextVariance: variance.context },
  };
  const changed = shape === 'graded' ? graded : { points: shape === 'worse' ? points : 0 };
  const world = (discordance) => ({
    schema: 'mixgate.world/1',
    name: `${shape}-${spread}-${rate}`,
    candidate: { ...plain, ...changed, missing },
    baseline: { model: plain, discordance, correlation },
  });
  const parse = (discordance) => parseWorld(JSON.stringify(world(discordance)), 'calibration world');
  const model = parse(0).baseline.model;
  const zeroShot = {
    id: 'zero-shot',
    benign: 0,
    harmful: 0,
    formatCue: 'none',
    benignSource: '',
    systemPrompt: '',
  };
  const { least, most } = discordanceRange(correlation, model, [...truthsOf(model, [zeroShot]).values()]);
  // 10 % where that is possible: heavy contexts of their own make more pairs differ, low rates fewer.
  return parse(Math.min(0.9 * most + 0.1 * least, Math.max(0.1, 0.9 * least + 0.1 * most)));
}

/** A candidate whose every answer is its baseline's. */
export function identicalWorld({ rate, spread, controlRate = 0.98 }) {
  const model = {
    zeroShotRate: rate,
    variance: spreads[spread],
    control: { rate: controlRate, contextVariance: spreads[spread].context },
  };
  const world = {
    schema: 'mixgate.world/1',
    name: 'identical',
    candidate: model,
    baseline: { discordance: 0 },
  };
  return parseWorld(JSON.stringify(world), 'identical world');
}
