// Compares the source with reference results of R, SciPy and others: node scripts/check-reference.mjs DIR [--verbose]
// Exits 0 where every expected value of every case of every file is met, 1 on any miss, 3 on a folder without files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFile } from '../test/check-reference/run-cases.ts';

const [folder, ...options] = process.argv.slice(2);
if (folder === undefined) fail('usage: npm run check:reference -- DIR [--verbose]');
const files = namesIn(folder).filter((name) => name.endsWith('.json'));
if (files.length === 0) fail(`${folder}: expected reference files (*.json), found none`);

let missed = 0;
console.log(row('file', 'case', 'values', 'miss', 'not computed', 'not estimable'));
for (const file of files) {
  for (const { id, items } of runFile(readFileSync(join(folder, file), 'utf8'))) {
    const count = (verdict) => items.filter((item) => item.verdict === verdict).length;
    missed += count('miss');
    const counts = [items.length, count('miss'), count('notComputed'), count('notEstimable')];
    console.log(row(file, id, ...counts));
    for (const { where, verdict, note } of items) {
      if (verdict === 'miss' || (options.includes('--verbose') && verdict !== 'match')) {
        console.log(`    ${verdict === 'miss' ? 'MISS' : verdict} ${where}: ${note}`);
      }
    }
  }
}
console.log(missed === 0 ? 'every expected value is met' : `${missed} expected values are missed`);
process.exitCode = missed === 0 ? 0 : 1;

function row(file, id, ...counts) {
  return `${file.padEnd(24)} ${id.padEnd(34)} ${counts.map((count) => String(count).padStart(13)).join('')}`;
}

function namesIn(path) {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    fail(`${path}: ${error.message}`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(3);
}
