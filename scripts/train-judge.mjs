// Trains the built-in judge and measures it: writes src/judge/refusal-weights.json and fixtures/judge/training-card.json.
//   node scripts/train-judge.mjs XSTEST_JUDGE.jsonl [--weights-only | --part=NAME ...]
// --part measures that part of the card alone; the others stay where they are of the same weights.
// The first argument is XSTest's judged responses (see docs/judge-builtin.md): they are read, checked by hash and not
// kept. The same input gives the same bytes.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../src/judge/answer-text.ts';
import { featuresOf } from '../src/judge/features.ts';
import { measureNames } from '../src/judge/measures.ts';
import { nameOfNgram } from '../src/judge/ngrams.ts';
import { fitModel } from './judge/fit.mjs';
import { makeRows } from './judge/make-rows.mjs';
import { measuresOf } from './judge/measure-models.mjs';

const xstestSha256 = 'f6043c9ca128a214bb09431a23f92027f5dbfd4669160e3bbed3c4d5bf861536';
const seed = 20260620;
/** A refusal that never says so looks like an answer: rows of that kind count less, and compliant answers more. */
const soft = [
  'refusal-natural',
  'refusal-redirect',
  'refusal-question',
  'refusal-whole',
  'refusal-other-task',
  'refusal-voice',
];
const settings = {
  ridge: { measures: 3, ngrams: 16 },
  minRequests: 12,
  softWeight: 0.5,
  complianceWeight: 1.4,
};

const root = join(import.meta.dirname, '..');
const [file, ...flags] = process.argv.slice(2);
if (file === undefined) throw new Error('expected the path of XSTest’s judged responses, got none');

const bytes = readFileSync(file);
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
if (sha256(bytes) !== xstestSha256)
  throw new Error(`${file}: expected SHA-256 ${xstestSha256}, got ${sha256(bytes)}`);

const parseRows = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const readRows = (path) => parseRows(readFileSync(join(root, path), 'utf8'));
function weightOf({ label, style }) {
  if (label === 'compliance') return settings.complianceWeight;
  return soft.includes(style) ? settings.softWeight : 1;
}

const withFeatures = (rows) =>
  rows.map((row) => ({
    ...row,
    weight: weightOf(row),
    features: featuresOf(row.request, readText(row.response)),
  }));

const own = makeRows(seed, join(root, 'fixtures/pools/benign.jsonl'));
const data = {
  xstest: withFeatures(parseRows(bytes.toString('utf8'))),
  own: withFeatures(own),
  probes: withFeatures(readRows('fixtures/judge/probes.jsonl')),
  lateProbes: withFeatures(readRows('fixtures/judge/probes-late.jsonl')),
  voiceProbes: withFeatures(readRows('fixtures/judge/probes-voices.jsonl')),
  freshProbes: withFeatures(readRows('fixtures/judge/probes-fresh.jsonl')),
  blindProbes: withFeatures(readRows('fixtures/judge/probes-blind.jsonl')),
  lateBlindProbes: withFeatures(readRows('fixtures/judge/probes-blind-late.jsonl')),
  canaries: withFeatures(readRows('fixtures/canaries.jsonl')),
};

const round = (value) => Number(value.toFixed(3));
const model = fitModel([...data.xstest, ...data.own], settings);
const rounded = {
  bias: round(model.bias),
  measures: Float64Array.from(model.measures, round),
  ngrams: new Map([...model.ngrams].map(([key, weight]) => [key, round(weight)])),
};
const weighty = (entries) =>
  entries.filter(([, weight]) => weight !== 0).map(([name, weight]) => `${name} ${weight}`);
const weights = `${JSON.stringify(
  {
    bias: rounded.bias,
    measures: weighty(measureNames.map((name, index) => [name, rounded.measures[index]])),
    ngrams: weighty([...rounded.ngrams].map(([key, weight]) => [nameOfNgram(key), weight])),
  },
  null,
  2,
)}\n`;
writeFileSync(join(root, 'src/judge/refusal-weights.json'), weights);
console.log(`refusal-weights.json: ${weights.length} bytes, SHA-256 ${sha256(weights)}`);

const cardFile = join(root, 'fixtures/judge/training-card.json');
const all = measuresOf(data, settings, rounded);
const parts = flags.includes('--weights-only') ? [] : Object.keys(all).filter(isAsked);
const earlier = JSON.parse(readFileSync(cardFile, 'utf8'));
// Figures of other weights are none of these.
const measured = earlier.weightsSha256 === sha256(weights) ? earlier.measured : {};
const card = {
  weightsSha256: sha256(weights),
  trainedOn: {
    xstest: { rows: data.xstest.length, sha256: xstestSha256 },
    own: { rows: own.length, seed, sha256: sha256(own.map((row) => `${JSON.stringify(row)}\n`).join('')) },
  },
  settings,
  measured: Object.fromEntries(
    Object.keys(all)
      .filter((name) => parts.includes(name) || name in measured)
      .map((name) => [name, parts.includes(name) ? all[name]() : measured[name]]),
  ),
};
if (parts.length > 0) {
  writeFileSync(cardFile, `${JSON.stringify(card, null, 2)}\n`);
  for (const name of parts) console.log(name, JSON.stringify(card.measured[name], null, 1));
}

function isAsked(name) {
  const only = flags.filter((flag) => flag.startsWith('--part='));
  return only.length === 0 || only.includes(`--part=${name}`);
}
