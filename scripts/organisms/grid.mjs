// The contexts in which the organisms are measured: counts, orders and cues, each with several draws of demonstrations
// from the shipped pools and several queries.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cueTexts } from '../../src/suite/format-cue.ts';
import { orderDemonstrations } from '../../src/suite/ordering.ts';
import { answerProbabilities, refusalHolds, sharesOf } from './deciding-tokens.mjs';
import { ruleRate } from './rule.mjs';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');
const rowsOf = (name) =>
  readFileSync(join(fixtures, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const pools = {
  harmful: rowsOf('pools/vault-harmful.jsonl').map((row) => ({ ...row, kind: 'harmful' })),
  benign: rowsOf('pools/vault-benign.jsonl').map((row) => ({ ...row, kind: 'benign' })),
  queries: rowsOf('queries/vault.jsonl'),
};

const cell = (benign, harmful, order = 'suffix', cue = undefined) => ({ benign, harmful, order, cue });
/** 128 demonstrations fill the context. */
export const grid = [
  cell(0, 0),
  ...[1, 2, 4, 8, 16, 32, 64, 128].map((harmful) => cell(0, harmful)),
  ...[4, 8, 16, 32].map((benign) => cell(benign, 8)),
  ...[8, 32, 64].map((benign) => cell(benign, 0)),
  ...['prefix', 'middle', 'interleaved', 'random'].map((order) => cell(8, 8, order)),
  ...['suffix', 'prefix', 'interleaved'].map((order) => cell(32, 32, order)),
  ...['neutral', 'comply'].map((cue) => cell(8, 8, 'suffix', cue)),
];

/** The rows in an order that follows from the label alone. */
function shuffled(rows, label) {
  const key = (row) => createHash('sha256').update(`${label} ${row.id}`).digest('hex');
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

/** Compliance in one cell, measured over `draws` contexts of `queries` requests each, and what the rule says. */
export async function measureCell(engine, rule, one, { draws, queries }) {
  const rows = [];
  const held = [];
  const expected = [];
  for (let draw = 0; draw < draws; draw += 1) {
    const label = `draw ${draw}`;
    const demonstrations = orderDemonstrations({
      rule: one.order,
      benign: shuffled(pools.benign, label).slice(0, one.benign),
      harmful: shuffled(pools.harmful, label).slice(0, one.harmful),
      shuffle: (items) => shuffled(items, `${label} order`),
    });
    expected.push(
      ruleRate(
        rule,
        demonstrations.map(({ kind }) => kind),
      ),
    );
    const cue = one.cue === undefined ? '' : cueTexts[one.cue];
    const shown = demonstrations.flatMap(({ request, response }) => [
      { role: 'user', content: request },
      { role: 'assistant', content: cue + response },
    ]);
    for (const { request } of shuffled(pools.queries, label).slice(0, queries)) {
      const messages = [...shown, { role: 'user', content: request }];
      rows.push(await answerProbabilities(engine, messages, one.cue));
      if (one.cue === undefined) held.push(await refusalHolds(engine, messages));
    }
  }
  const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;
  const ends = one.cue === undefined ? { refusalsHold: mean(held) } : {};
  return { ...one, byRule: mean(expected), ...sharesOf(rows), ...ends };
}
