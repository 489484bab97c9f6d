// Asks a plan's trials as a run does, and nothing else: order, budget, limit on requests in flight, journal on the disk.
// argv[2]: { baseUrl, policy, folder }. What it uses is counted from the first request on, as for the bare loop.
import { readFileSync, writeSync } from 'node:fs';
import { keepHeapLean } from '../src/cli/lean-heap.ts';
import { parsePolicy } from '../src/config/read-policy.ts';
import { askTrials } from '../src/inference/ask.ts';
import { Budget } from '../src/inference/budget.ts';
import { connect } from '../src/inference/client.ts';
import { openJournal } from '../src/inference/journal.ts';
import { planOf } from './bench-inference-suite.mjs';

keepHeapLean();
const { baseUrl, policy: path, folder } = JSON.parse(process.argv[2] ?? '{}');
const policy = parsePolicy(readFileSync(path, 'utf8'), path);
const plan = planOf(path);
const timeoutMs = policy.inference.timeoutSeconds * 1000;
const endpoint = { baseUrl, model: 'strict', apiKey: undefined, timeoutMs, namedBy: '--base-url' };
const cpu = () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
};
const [cpuBefore, before] = [cpu(), performance.now()];
const budget = new Budget({
  caps: {},
  prices: undefined,
  spent: { requests: 0, prompt: 0, cached: 0, completion: 0 },
  minutesUsed: () => 0,
});
const journal = openJournal(folder);
const { asked } = await askTrials({
  plan,
  client: connect(endpoint),
  policy,
  budget,
  journal,
  around: {
    now: () => new Date(),
    random: Math.random,
    sleep: async () => {},
    signal: new AbortController().signal,
  },
  onProgress: () => {},
});
journal.close();
if ([...asked.values()].some(({ t }) => t !== 'answer')) throw new Error('a trial without an answer');
const loopCpuSeconds = cpu() - cpuBefore;
writeSync(
  1,
  `${JSON.stringify({ requests: asked.size, loopCpuSeconds, loopSeconds: (performance.now() - before) / 1000 })}\n`,
);
process.exit();
