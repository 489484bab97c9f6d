// npm run sim:calibration: error rates, intervals, labels, looks and usefulness by simulation, minutes on two cores.
// Writes docs/simulations/calibration.md. With a number as its argument: so many runs, printed instead.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCalibration } from './simulations/calibration-report.mjs';
import { listJobs } from './simulations/jobs.mjs';
import { runAll } from './simulations/run-all.mjs';

const runs = Number(process.argv[2] ?? 2000);
const started = performance.now();
const results = await runAll(listJobs(runs));
const text = renderCalibration({ results, runs, seconds: (performance.now() - started) / 1000 });
if (process.argv[2] === undefined) {
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'simulations', 'calibration.md'), text);
} else process.stdout.write(text);
