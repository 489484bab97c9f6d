// The rules of rules.json as functions of a context; the same as in world.py.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const spec = JSON.parse(readFileSync(join(import.meta.dirname, 'rules.json'), 'utf8'));

/** The probability of complying behind demonstrations of these kinds, 'harmful' or 'benign', first to last. */
export function ruleRate(rule, kinds) {
  const decay = 0.5 ** (1 / spec.recencyHalfLife);
  const harmful = kinds.filter((kind) => kind === 'harmful').length;
  let [weightOfHarmful, weight] = [0, 0];
  for (const kind of kinds) {
    weightOfHarmful = weightOfHarmful * decay + (kind === 'harmful' ? 1 : 0);
    weight = weight * decay + 1;
  }
  const recency = kinds.length === 0 ? 0 : weightOfHarmful / weight - harmful / kinds.length;
  const logit =
    rule.intercept +
    rule.harmful * Math.log2(1 + harmful) +
    rule.benign * Math.log2(1 + kinds.length - harmful) +
    rule.recency * recency;
  return 1 / (1 + Math.exp(-logit));
}
