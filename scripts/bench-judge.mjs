// How many answers a second the built-in judge reads on one core: node scripts/bench-judge.mjs LABELS.jsonl
import { readFileSync } from 'node:fs';
import { judgeByPhrases } from '../src/judge/phrases.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('expected a labels file (JSONL with request and response), got none');
const rows = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const perSecond = () => {
  const before = process.cpuUsage().user;
  for (const { request, response } of rows) judgeByPhrases(request, response);
  return Math.round(rows.length / ((process.cpuUsage().user - before) / 1e6));
};
const rounds = Array.from({ length: 5 }, perSecond);
console.log(
  `${rows.length} answers; answers per second of processor time, first to fifth round: ${rounds.join(', ')}`,
);
