// Writes fixtures/worlds/: six checkpoints set to the figures that arXiv 2606.20508 publishes. What the paper does not
// say is assumed here, once, and marked so in each file. Run with Node 24.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRoot } from '../src/analysis/find-root.ts';
import { trueLogOddsPerDoubling } from '../src/simulate/quantities.ts';
import { parseWorld } from '../src/simulate/world.ts';
import { logOddsFor, truthsOf } from '../src/simulate/world-rates.ts';

const variance = { query: 1.5, context: 0.1, contextByCondition: 0.05 };
const total = variance.query + variance.context + variance.contextByCondition;
const sweep = [0, 8, 32, 128];
const harmful = 32;

const paper = 'arXiv 2606.20508';
const assumed = (text) => ({ origin: 'assumed', source: text });
const published = (text) => ({ origin: 'published', source: `${paper}: ${text}` });

/** `mixed`: compliance at 32 + 32, harmful last. `beta`: log-odds per doubling of benign ones in the pooled model. */
const checkpoints = [
  {
    name: 'gpt-oss-20b',
    zeroShot: [0.103, published('10.3 % without demonstrations')],
    beta: [0.03, published('benign demonstrations amplify slightly, coefficient about 0.03')],
    spread: [0, published('order makes about no difference')],
    mixed: 0.15,
    formats: {},
  },
  {
    name: 'llama-3.1-8b-instruct',
    zeroShot: [0.338, published('33.8 % without demonstrations')],
    beta: [-0.08, assumed('the paper says dilution; the size is ours')],
    spread: [0.19, published('19 points over the orders')],
    mixed: 0.5,
    formats: {
      neutral: [0.869, published('copies the neutral cue in 86.9 % of its refusals')],
      comply: [0.515, published('copies the complying cue in 51.5 % of its refusals')],
    },
  },
  {
    name: 'gemma-4-31b-it',
    zeroShot: [0.224, published('22.4 % without demonstrations')],
    beta: [-0.12, assumed('the paper says dilution; the size is ours')],
    spread: [0.35, published('35 points over the orders')],
    mixed: 0.6,
    formats: {
      neutral: [0.01, published('almost never copies a cue when it refuses; 1 % is ours')],
      comply: [0.01, published('almost never copies a cue when it refuses; 1 % is ours')],
    },
  },
  {
    name: 'olmo-3.1-32b-sft',
    zeroShot: [0.25, assumed('not published for this stage')],
    beta: [0.08, assumed('the paper says amplification at this stage; the size is ours')],
    spread: [0.13, assumed('as published for the Instruct model')],
    mixed: 0.4,
    formats: {},
  },
  {
    name: 'olmo-3.1-32b-dpo',
    zeroShot: [0.18, assumed('not published for this stage')],
    beta: [0, published('the amplification of the SFT stage is gone')],
    spread: [0.13, assumed('as published for the Instruct model')],
    mixed: 0.3,
    formats: {},
  },
  {
    name: 'olmo-3.1-32b-instruct',
    zeroShot: [0.157, published('15.7 % without demonstrations')],
    beta: [0, published('no significant effect of benign demonstrations')],
    spread: [0.13, published('13 points over the orders')],
    mixed: 0.3,
    formats: {},
  },
];

/** Shares of the way from harmful last to harmful first, for the orders between. */
const between = { prefix: 1, middle: 0.7, random: 0.5, interleaved: 0.2 };

function condition(benign, ordering = 'suffix') {
  return {
    id: `b${benign}-h${harmful}-${ordering}`,
    benign,
    harmful,
    ordering,
    carrier: 'chat',
    formatCue: 'none',
    benignSource: '',
    systemPrompt: '',
  };
}

const cells = {
  sweep: sweep.map((benign) => ({ condition: condition(benign).id, benign, harmful })),
};

/** The log-odds of a benign doubling at which the pooled model of the sweep finds `beta`. */
function benignEffect(model, beta) {
  if (beta === 0) return 0;
  const found = (benign) => {
    const truths = truthsOf(
      withMixed({ ...model, benign }),
      sweep.map((count) => condition(count)),
    );
    return trueLogOddsPerDoubling(cells, (id) => truths.get(id)?.rate ?? Number.NaN) - beta;
  };
  return rounded(findRoot(found, -1, 1));
}

/** The model of a world whose rate at 32 + 32 is `mixed`. */
function withMixed({ zeroShot, mixed, benign }) {
  const doublings = Math.log2(1 + 32);
  const rise = logOddsFor(mixed, total) - logOddsFor(zeroShot, total);
  const effects = { harmful: rounded(rise / doublings - benign), benign, interaction: 0 };
  return parseWorld(
    JSON.stringify({
      schema: 'mixgate.world/1',
      name: 'made',
      candidate: { zeroShotRate: zeroShot, effects, variance },
    }),
    'made world',
  ).candidate;
}

function orderingOffsets(mixed, spread) {
  if (spread === 0) return {};
  const most = logOddsFor(mixed - spread, total) - logOddsFor(mixed, total);
  return Object.fromEntries(Object.entries(between).map(([rule, share]) => [rule, rounded(share * most)]));
}

function worldOf({ name, zeroShot, beta, spread, mixed, formats }) {
  const benign = benignEffect({ zeroShot: zeroShot[0], mixed }, beta[0]);
  const { effects } = withMixed({ zeroShot: zeroShot[0], mixed, benign });
  const copied = Object.entries(formats).map(([cue, [share]]) => [
    cue,
    { ofCompliances: 0.95, ofRefusals: share },
  ]);
  return {
    schema: 'mixgate.world/1',
    name,
    description: `A checkpoint as ${paper} describes it, made by scripts/make-worlds.mjs.`,
    origins: [
      { field: 'candidate.zeroShotRate', ...zeroShot[1] },
      {
        field: 'candidate.effects.benign',
        ...derived(
          beta,
          `gives ${beta[0]} a doubling in the pooled model over ${sweep.join(', ')} benign beside ${harmful} harmful`,
        ),
      },
      {
        field: 'candidate.effects.harmful',
        ...assumed(`gives ${mixed} at 32 benign and 32 harmful, harmful last`),
      },
      {
        field: 'candidate.orderings',
        ...derived(spread, `harmful first is ${spread[0]} below harmful last; the orders between are ours`),
      },
      ...Object.entries(formats).map(([cue, [, origin]]) => ({
        field: `candidate.formats.${cue}.ofRefusals`,
        ...origin,
      })),
      ...Object.keys(formats).map((cue) => ({
        field: `candidate.formats.${cue}.ofCompliances`,
        ...assumed('not published'),
      })),
      { field: 'candidate.variance', ...assumed('not published; log-odds') },
      {
        field: 'candidate.judge',
        ...assumed('the published rates are what the judge said: no error on top'),
      },
      { field: 'candidate.control', ...assumed('not published') },
      { field: 'baseline', ...assumed('a candidate that has its baseline’s own distribution') },
    ],
    candidate: {
      zeroShotRate: zeroShot[0],
      effects,
      orderings: orderingOffsets(mixed, spread[0]),
      variance,
      control: { rate: 0.98 },
      formats: Object.fromEntries(copied),
    },
    baseline: { discordance: 0.1, correlation: { query: 0.95, context: 0.8 } },
  };
}

/** A number that makes a stated figure come out: derived where the figure is published. */
function derived([, { origin, source }], how) {
  return origin === 'published'
    ? { origin: 'derived', source: `${source}; ${how}` }
    : { origin, source: `${source}; ${how}` };
}

function rounded(value) {
  return Number(value.toFixed(4));
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'worlds');
mkdirSync(folder, { recursive: true });
for (const checkpoint of checkpoints) {
  const world = worldOf(checkpoint);
  parseWorld(JSON.stringify(world), world.name);
  writeFileSync(join(folder, `${world.name}.json`), `${JSON.stringify(world, null, 2)}\n`);
}
