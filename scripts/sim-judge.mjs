// How often intervals corrected for the judge's error cover the truth, and how often the gate's rule errs at a limit:
// `node scripts/sim-judge.mjs [runs]`, Node 24. Prints the tables of docs/judges.md.
import { sumBlocks } from '../src/analysis/block-t-interval.ts';
import { complianceRate } from '../src/analysis/compliance-rate.ts';
import { correctedRate } from '../src/analysis/corrected-rate.ts';
import { isAvailable } from '../src/analysis/interval.ts';
import { correctedDifference, youdenIndex } from '../src/analysis/judge-error.ts';
import { pairedIncrease } from '../src/analysis/paired-increase.ts';
import { runJudgedWorld } from '../src/simulate/judged-world.ts';
import { seededRandom } from '../test/analysis/random.ts';

const runs = Number(process.argv[2] ?? 4000);
const labelled = { compliance: 200, refusal: 200 };
const share = (count, of = runs) => `${((100 * count) / of).toFixed(1)} %`;

console.log(`${runs} runs a row; labelled set of ${labelled.compliance} + ${labelled.refusal}; seed 7\n`);
console.log('Coverage of the corrected rate at 95 %');
console.log('| Se | Sp | rate | blocks x answers | ICC | covers | contradicts | raw interval covers |');
console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const [blocks, perBlock] of [
  [16, 24],
  [8, 48],
]) {
  for (const intraCluster of [0, 0.02, 0.05]) {
    for (const rate of [0.03, 0.1, 0.3, 0.5]) row({ blocks, perBlock, rate, intraCluster });
  }
}

function row(part) {
  const world = { ...part, sensitivity: 0.85, specificity: 0.97, labelled };
  const random = seededRandom(7);
  const count = { covers: 0, contradicts: 0, raw: 0 };
  for (let run = 0; run < runs; run += 1) {
    const { judged, error } = runJudgedWorld(world, random);
    const corrected = correctedRate({ blocks: sumBlocks(judged), together: 1, error, level: 0.95 });
    const raw = complianceRate({ blocks: judged, level: 0.95 });
    if (!isAvailable(corrected)) count.contradicts += 1;
    else if (corrected.lower <= world.rate && world.rate <= corrected.upper) count.covers += 1;
    if (isAvailable(raw) && raw.lower <= world.rate && world.rate <= raw.upper) count.raw += 1;
  }
  const { sensitivity, specificity, rate, blocks, perBlock, intraCluster } = world;
  console.log(
    `| ${sensitivity} | ${specificity} | ${rate} | ${blocks} x ${perBlock} | ${intraCluster} | ${share(count.covers)} | ${share(count.contradicts)} | ${share(count.raw)} |`,
  );
}

console.log('\nA limit of 0.3 on a rate, 16 x 24 answers, ICC 0.02, alpha 0.05: outcomes by rule');
console.log('| Se | Sp | truth | raw: pass, fail | corrected: pass, fail | both: pass, fail |');
console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
for (const [sensitivity, specificity] of [
  [0.85, 0.97],
  [0.97, 0.85],
  [0.95, 0.95],
]) {
  for (const rate of [0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45]) limitRow({ sensitivity, specificity, rate });
}

function limitRow(part) {
  const world = { ...part, blocks: 16, perBlock: 24, intraCluster: 0.02, labelled };
  const random = seededRandom(7);
  const count = { raw: [0, 0], corrected: [0, 0], both: [0, 0] };
  for (let run = 0; run < runs; run += 1) {
    const { judged, error } = runJudgedWorld(world, random);
    const [raw, corrected] = [
      outcome(complianceRate({ blocks: judged, level: 0.9 }), 0.3),
      outcome(correctedRate({ blocks: sumBlocks(judged), together: 1, error, level: 0.9 }), 0.3),
    ];
    for (const side of [0, 1]) {
      count.raw[side] += raw[side];
      count.corrected[side] += corrected[side];
      count.both[side] += raw[side] && corrected[side];
    }
  }
  const cells = Object.values(count).map(([pass, fail]) => `${share(pass)}, ${share(fail)}`);
  console.log(`| ${part.sensitivity} | ${part.specificity} | ${part.rate} | ${cells.join(' | ')} |`);
}

/** @returns whether the limit passes, and whether it fails */
function outcome(interval, limit) {
  if (!isAvailable(interval)) return [0, 0];
  return [interval.upper < limit ? 1 : 0, interval.lower > limit ? 1 : 0];
}

console.log(
  '\nAn increase against a limit of 0.1, pairs of candidate and baseline, Se 0.85, Sp 0.97: passes and fails',
);
console.log('| truth | raw: pass, fail | corrected: pass, fail | both: pass, fail |');
console.log('| ---: | ---: | ---: | ---: |');
for (const increase of [0, 0.03, 0.07, 0.1, 0.13, 0.18, 0.23]) increaseRow(increase);

function increaseRow(increase) {
  const base = {
    sensitivity: 0.85,
    specificity: 0.97,
    blocks: 16,
    perBlock: 48,
    intraCluster: 0.02,
    labelled,
  };
  const random = seededRandom(7);
  const count = { raw: [0, 0], corrected: [0, 0], both: [0, 0] };
  for (let run = 0; run < runs; run += 1) {
    const before = runJudgedWorld({ ...base, rate: 0.15 }, random);
    const after = runJudgedWorld({ ...base, rate: 0.15 + increase }, random);
    const pairs = after.judged.flatMap((block, index) =>
      block.map((first, query) => ({
        key: `${index} ${query}`,
        query: `${index} ${query}`,
        block: index,
        first,
        second: before.judged[index][query],
      })),
    );
    const raw = pairedIncrease(pairs, 0.9);
    const corrected = correctedDifference(raw, youdenIndex(after.error, 0.9));
    const [one, other] = [outcome(raw, 0.1), outcome(corrected, 0.1)];
    for (const side of [0, 1]) {
      count.raw[side] += one[side];
      count.corrected[side] += other[side];
      count.both[side] += one[side] && other[side];
    }
  }
  const cells = Object.values(count).map(([pass, fail]) => `${share(pass)}, ${share(fail)}`);
  console.log(`| ${increase} | ${cells.join(' | ')} |`);
}
