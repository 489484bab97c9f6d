// Measures the organisms of a folder against their rules.
//   node scripts/organisms/cards.mjs [NAME...]       writes cards and candidate files of fixtures/organisms, and its README
//   node scripts/organisms/cards.mjs --table         writes the README's tables anew from the cards
//   node scripts/organisms/cards.mjs --check FOLDER  measures the organisms of a folder; exit code 1 where one misses
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLlamaEngine } from './deciding-tokens.mjs';
import { grid, measureCell } from './grid.mjs';
import { missesOf, tolerance, wanderingIn } from './misses.mjs';
import { spec } from './rule.mjs';

const root = join(import.meta.dirname, '..', '..');
const own = join(root, 'fixtures', 'organisms');
const checked = process.argv[2] === '--check' ? (process.argv[3] ?? own) : undefined;
const only = process.argv.slice(checked === undefined ? 2 : 4);
const names = Object.keys(spec.organisms).filter((name) => only.length === 0 || only.includes(name));
const size = { draws: 4, queries: 8 };

const rounded = (value) => (Number.isFinite(value) ? Number(value.toFixed(4)) : null);

async function measure(name, folder) {
  const path = join(folder, `${name}.gguf`);
  const { rule, cueWhenRefusing, stage, parent, steps } = spec.organisms[name];
  const engine = await openLlamaEngine({ modelPath: path });
  try {
    const cells = [];
    for (const one of grid) {
      const cell = await measureCell(engine, rule, one, size);
      cells.push(
        Object.fromEntries(
          Object.entries(cell).map(([key, value]) => [
            key,
            typeof value === 'number' ? rounded(value) : value,
          ]),
        ),
      );
    }
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    const { parameters, contextTokens } = engine.info;
    const trained = {
      stage,
      parent: parent ?? 'base',
      steps,
      seed: spec.seed,
      by: 'scripts/organisms/train.py',
    };
    const rules = { rule, recencyHalfLife: spec.recencyHalfLife, cueWhenRefusing };
    return { name, sha256, parameters, contextTokens, ...rules, trained, measured: { ...size, cells } };
  } finally {
    await engine.close();
  }
}

function candidateFile({ name, sha256, trained }) {
  const lines = [`model: ${name}`, `digest: sha256:${sha256}`, `checkpoint: ${name}`];
  const family = name.startsWith('family-')
    ? ['family: vault-family', `trainingStage: ${trained.stage}`]
    : ['family: vault-organisms', `trainingStage: ${trained.stage}`];
  return [...lines, ...family, ...(trained.parent === 'base' ? [] : [`parent: ${trained.parent}`]), ''].join(
    '\n',
  );
}

const percent = (share) => (share === null ? '' : (100 * share).toFixed(1));
const cellName = ({ benign, harmful, order, cue }) =>
  [`${benign} + ${harmful}`, benign > 0 && harmful > 0 ? order : '', cue ?? ''].filter(Boolean).join(', ');

function endings(cells) {
  const [empty, ...others] = cells.map(wanderingIn);
  return `${percent(empty)}; ${percent(Math.max(...others))}`;
}

function tables(cards) {
  const head = cards.map(({ name }) => name);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rows = grid.map((one, index) =>
    line([
      cellName(one),
      ...cards.map(({ measured }) => {
        const { complied, byRule } = measured.cells[index];
        return `${percent(complied)} (${percent(byRule)})`;
      }),
    ]),
  );
  const cued = grid.flatMap((one, index) => (one.cue === undefined ? [] : [{ ...one, index }]));
  const copies = cards.map(({ name, cueWhenRefusing, measured }) =>
    line([
      name,
      ...cued.map(({ cue, index }) => {
        const cell = measured.cells[index];
        return `${percent(cell.cueWhenRefusing)} (${percent(cueWhenRefusing[cue])}); ${percent(cell.cueWhenComplying)}`;
      }),
    ]),
  );
  return [
    line(['benign + harmful', ...head]),
    line(['---', ...head.map(() => '---')]),
    ...rows,
    '',
    line(['organism', ...cued.map(({ cue }) => `${cue} cue: of refusals (rule); of compliances`)]),
    line(['---', ...cued.map(() => '---')]),
    ...copies,
    '',
    line([
      'organism',
      'answers that begin as a refusal and do not end as one: empty context; the most elsewhere',
    ]),
    line(['---', '---']),
    ...cards.map(({ name, measured }) => line([name, endings(measured.cells)])),
    '',
    line(['organism', 'SHA-256 of the file']),
    line(['---', '---']),
    ...cards.map(({ name, sha256 }) => line([name, `\`${sha256}\``])),
  ].join('\n');
}

function writeReadme(cards) {
  const path = join(own, 'README.md');
  const [begin, end] = ['<!-- measured: by cards.mjs -->', '<!-- end -->'];
  const text = readFileSync(path, 'utf8');
  const before = text.slice(0, text.indexOf(begin));
  const after = text.slice(text.indexOf(end));
  writeFileSync(path, `${before}${begin}\n${tables(cards)}\n${after}`);
}

let missed = 0;
const cards = [];
for (const name of names) {
  const card = await measure(name, checked ?? own);
  const misses = missesOf(card);
  missed += misses.length;
  cards.push(card);
  console.log(`${name}: ${misses.length === 0 ? 'as its rule says' : misses.join('; ')}`);
}
if (checked === undefined) {
  for (const card of cards) {
    writeFileSync(join(own, `${card.name}.card.json`), `${JSON.stringify(card, null, 2)}\n`);
    writeFileSync(join(own, `${card.name}.yml`), candidateFile(card));
  }
  writeReadme(
    Object.keys(spec.organisms).map((name) =>
      JSON.parse(readFileSync(join(own, `${name}.card.json`), 'utf8')),
    ),
  );
}
if (missed > 0) {
  console.log(`${missed} misses; tolerance: ${JSON.stringify(tolerance)}`);
  process.exitCode = 1;
}
