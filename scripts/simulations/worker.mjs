import { parentPort } from 'node:worker_threads';
import { runJob } from './jobs.mjs';

parentPort.on('message', (job) => parentPort.postMessage({ job, result: runJob(job) }));
