// npm run sim:calibration: error rates, intervals, labels, looks and usefulness by simulation, minutes on two cores.
// Writes docs/simulations/calibration.md. With a number as its argument: so many runs, printed instead.
// In parts: --part 1/6 FILE runs every sixth job and keeps the results; --from FILE... writes the page from all parts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCalibration } from './simulations/calibration-report.mjs';
import { listJobs } from './simulations/jobs.mjs';
import { runAll } from './simulations/run-all.mjs';

const [first, ...rest] = process.argv.slice(2);
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;

if (first === '--part') await keepPart(...rest);
else if (first === '--from')
  writePage(renderCalibration(joined(rest.map((file) => JSON.parse(readFileSync(file, 'utf8'))))));
else {
  const runs = Number(first ?? 2000);
  const text = renderCalibration({ runs, results: await runAll(listJobs(runs)), seconds: seconds() });
  if (first === undefined) writePage(text);
  else process.stdout.write(text);
}

async function keepPart(part, file) {
  const [index, parts] = part.split('/').map(Number);
  const runs = 2000;
  const jobs = listJobs(runs).filter((_, place) => place % parts === index - 1);
  const results = await runAll(jobs);
  writeFileSync(file, JSON.stringify({ runs, results, seconds: seconds() }));
}

/** The parts' results in the order of the jobs. */
function joined(parts) {
  const { runs } = parts[0];
  const known = new Map(parts.flatMap(({ results }) => results.map((one) => [JSON.stringify(one.job), one])));
  const results = listJobs(runs).map((job) => {
    const found = known.get(JSON.stringify(job));
    if (found === undefined) throw new RangeError(`no part has the job ${JSON.stringify(job)}`);
    return found;
  });
  return { runs, results, seconds: parts.reduce((sum, part) => sum + part.seconds, 0) };
}

function writePage(text) {
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'simulations', 'calibration.md'), text);
}
