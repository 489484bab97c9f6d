// Runs jobs on all cores, one worker each.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Results in the order of the jobs. */
export async function runAll(jobs, workerUrl = new URL('./worker.mjs', import.meta.url)) {
  const results = new Map();
  const waiting = [...jobs];
  const work = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(workerUrl);
      const next = () => {
        const job = waiting.shift();
        if (job === undefined) {
          worker.terminate();
          resolve();
        } else worker.postMessage(job);
      };
      worker.on('message', ({ job, result }) => {
        results.set(JSON.stringify(job), result);
        process.stderr.write(`${results.size} of ${jobs.length}\r`);
        next();
      });
      worker.on('error', reject);
      next();
    });
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return jobs.map((job) => ({ job, result: results.get(JSON.stringify(job)) }));
}
