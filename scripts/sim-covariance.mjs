// How often a true null of the benign coefficient is rejected at 5 %, by covariance: node scripts/sim-covariance.mjs [runs]
// Worlds: log-odds of compliance vary by context and by context and condition; blocks are equal, or from 6 to 42 queries.
import { fitClusteredLogistic, waldContrast } from '../src/analysis/clustered-logistic.ts';
import { inverseLogit } from '../src/analysis/logistic-fit.ts';
import { normalQuantile } from '../src/analysis/normal-distribution.ts';
import { seededRandom } from '../test/analysis/random.ts';

const runs = Number(process.argv[2] ?? 1000);
const random = seededRandom(20260718);
const benignCounts = [0, 8, 32, 64];
const variations = [
  { name: 'light', context: 0.2, cell: 0.1 },
  { name: 'heavy', context: 0.8, cell: 0.4 },
];

console.log(`rejections of a true null at 0.05 in ${runs} runs, percent`);
console.log('blocks  rate  variation  sizes      cr1  jackknife  none');
for (const blocks of [8, 16, 32]) {
  for (const rate of [0.03, 0.1, 0.34]) {
    for (const variation of variations) {
      for (const sizes of ['equal', 'unequal']) report({ blocks, rate, variation, sizes });
    }
  }
}

function report({ blocks, rate, variation, sizes }) {
  const rejected = { cr1: 0, jackknife: 0 };
  let none = 0;
  for (let run = 0; run < runs; run += 1) {
    const rows = drawRows({ blocks, rate, variation, sizes });
    for (const covariance of ['cr1', 'jackknife']) {
      const fit = fitClusteredLogistic({ rows, covariance });
      const wald = fit.status === 'ok' ? waldContrast({ fit, contrast: [0, 1], level: 0.95 }) : fit;
      if (wald.status !== 'ok') none += 1;
      else if (wald.pValue < 0.05) rejected[covariance] += 1;
    }
  }
  const percent = (count) => ((100 * count) / runs).toFixed(1);
  const cells = [String(blocks).padEnd(6), rate.toFixed(2), variation.name.padEnd(9), sizes.padEnd(8)];
  console.log(
    `${cells.join('  ')} ${percent(rejected.cr1).padStart(5)}  ${percent(rejected.jackknife).padStart(9)}  ${none}`,
  );
}

function drawRows({ blocks, rate, variation, sizes }) {
  return Array.from({ length: blocks }, (_, block) => {
    const level = Math.log(rate / (1 - rate)) + variation.context * normal();
    const size = sizes === 'equal' ? 24 : 6 + (block * 36) / (blocks - 1);
    const queries = Array.from({ length: Math.round(size) }, () => 0.8 * normal());
    return benignCounts.map((benign) => {
      const shift = level + variation.cell * normal();
      const successes = queries.filter((query) => random() < inverseLogit(shift + query)).length;
      return { x: [1, Math.log2(1 + benign)], successes, trials: queries.length, cluster: `${block}` };
    });
  }).flat();
}

function normal() {
  return normalQuantile((random() + 1e-12) / (1 + 2e-12));
}
