// `npm run bench:inference`: what a run costs a server, and what it costs here, beside other ways to ask the same.
//   --part computed,peer,slots,ranks,replicas,client,scale,llama   (default: all)
//   --promptfoo DIR   a folder in which promptfoo is installed already; else it is installed into a scratch folder
//   --slots 16,64,256 which of these the part of that name measures (default: all)
//   --rounds N        turns of which the client's part takes the least (default: 3)
//   --cli FILE        the mixgate to measure; else it is built from the sources
// Everything is measured in this run, each client and each server in a process of its own.
import { execFileSync, fork, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { leastTokens, planOf, writePrompts, writeSuite } from './bench-inference-suite.mjs';

const root = join(import.meta.dirname, '..');
const { values: flags } = parseArgs({
  options: {
    part: { type: 'string', default: 'computed,peer,slots,ranks,replicas,client,scale,llama' },
    promptfoo: { type: 'string' },
    slots: { type: 'string', default: '16,64,256' },
    rounds: { type: 'string', default: '3' },
    cli: { type: 'string' },
  },
});
const parts = new Set(flags.part.split(','));
const scratch = mkdtempSync(join(tmpdir(), 'mixgate-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const rows = [];
let nth = 0;

function tell(measured, value, bar, holds) {
  rows.push({ measured, value, bar: bar ?? '', holds: holds === undefined ? '' : holds ? 'yes' : 'NO' });
  console.error(`${measured}: ${value}${bar === undefined ? '' : ` (bar ${bar}: ${holds ? 'yes' : 'NO'})`}`);
}
const ratio = (value) => value.toFixed(2);
const percent = (value) => `${(100 * value).toFixed(1)} %`;

/** A server in a process of its own. */
async function withServer(settings, work) {
  const child = fork(join(root, 'scripts', 'bench-inference-server.mjs'), [JSON.stringify(settings)]);
  const said = () => new Promise((told) => child.once('message', told));
  try {
    const { baseUrl } = await said();
    const stats = async () => {
      const answer = said();
      child.send('stats');
      return (await answer).stats;
    };
    return await work(baseUrl, stats);
  } finally {
    child.kill();
  }
}

/** Runs a Node program to its end; tells its output, what it used, and its memory over time where /proc is there. */
function measure(program, args, env = {}) {
  const file = join(scratch, `usage-${nth}.json`);
  nth += 1;
  const preload = join(root, 'scripts', 'bench-inference-usage.mjs');
  const child = spawn(process.execPath, ['--import', preload, program, ...args], {
    cwd: scratch,
    env: { ...process.env, ...env, BENCH_USAGE: file },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const memory = [];
  const watch = setInterval(() => {
    const status = `/proc/${child.pid}/status`;
    if (!existsSync(status)) return;
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8')) ?? [];
    if (kilobytes !== undefined) memory.push(Number(kilobytes) / 1024);
  }, 500);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (part) => (output += part));
  child.stderr.on('data', (part) => (errors = `${errors}${part}`.slice(-4000)));
  return new Promise((ended, reject) => {
    child.on('close', (code) => {
      clearInterval(watch);
      if (!existsSync(file)) reject(new Error(`${program} ended with ${code}: ${errors}`));
      else ended({ code, output, errors, memory, ...JSON.parse(readFileSync(file, 'utf8')) });
    });
  });
}

function cliFile() {
  if (flags.cli !== undefined) return resolve(flags.cli);
  const out = join(root, 'build', 'bench');
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), out], { stdio: 'inherit' });
  flags.cli = join(out, 'cli', 'index.js');
  return flags.cli;
}

async function runMixgate(policy, baseUrl) {
  const folder = mkdtempSync(join(scratch, 'run-'));
  const places = ['--out', join(folder, 'out'), '--state-dir', join(folder, 'state')];
  const used = await measure(cliFile(), [
    'run',
    '--policy',
    policy,
    '--base-url',
    baseUrl,
    '--model',
    'strict',
    ...places,
  ]);
  const file = join(folder, 'out', 'receipt.json');
  if (!existsSync(file)) throw new Error(`mixgate wrote no receipt: ${used.errors}`);
  const { run } = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  return { ...used, run };
}

async function runLoop(baseUrl, prompts, order, inFlight, { maxTokens = 256, over = 'fetch' } = {}) {
  const input = JSON.stringify({ baseUrl, prompts, order, inFlight, maxTokens, over });
  const used = await measure(join(root, 'scripts', 'bench-inference-loop.mjs'), [input]);
  if (used.output === '') throw new Error(`the loop failed: ${used.errors}`);
  return { ...used, ...JSON.parse(used.output) };
}

// The suite of the first measurement: some 1,700 trials, 16 slots, a cache of 60,000 tokens.
const gpu = { slots: 16, cacheTokens: 60_000, msPerPromptToken: 0.002, msPerAnswerToken: 0 };
const smallSuite = { queries: 144, demonstrationWords: 60, inference: { maxConcurrency: 256 } };

async function compareOrders() {
  const policy = writeSuite(join(scratch, 'orders'), smallSuite);
  const plan = planOf(policy);
  const prompts = join(scratch, 'orders', 'prompts.json');
  writePrompts(prompts, plan);
  const least = leastTokens(plan).computed;
  tell('trials, slots, cache', `${plan.trials.length}, ${gpu.slots}, ${gpu.cacheTokens} tokens`);
  const ours = await withServer(gpu, async (baseUrl, stats) => {
    const used = await runMixgate(policy, baseUrl);
    return { ...used, ...(await stats()) };
  });
  const share = ours.computedTokens / least;
  tell('computed over the least: mixgate', ratio(share), '<= 1.05', share <= 1.05);
  if (parts.has('computed')) await compareLoops(prompts, least);
  if (parts.has('peer')) await comparePeer(ours, prompts, least);
}

async function compareLoops(prompts, least) {
  for (const [order, name] of [
    ['warmed', 'bare loop, each context warmed, then its block'],
    ['plan', 'bare loop in the order of the plan'],
    ['natural', 'bare loop, query by query'],
    ['random', 'bare loop in random order'],
  ]) {
    const used = await withServer(gpu, async (baseUrl, stats) => {
      const loop = await runLoop(baseUrl, prompts, order, gpu.slots);
      return { ...loop, ...(await stats()) };
    });
    tell(`computed over the least: ${name}`, ratio(used.computedTokens / least));
  }
}

async function comparePeer(ours, prompts, least) {
  const { program, version } = findPromptfoo();
  const peer = await withServer(gpu, async (baseUrl, stats) => {
    const config = writePeerConfig(baseUrl, prompts);
    const used = await measure(
      program,
      [
        'eval',
        '-c',
        config,
        '-j',
        String(gpu.slots),
        '--no-cache',
        '--no-table',
        '--no-progress-bar',
        '--no-write',
        '-o',
        join(scratch, 'peer.json'),
      ],
      {
        PROMPTFOO_CONFIG_DIR: join(scratch, 'peer-home'),
        PROMPTFOO_DISABLE_TELEMETRY: '1',
        PROMPTFOO_DISABLE_UPDATE: '1',
        PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
        OPENAI_API_KEY: 'none',
        CI: '1',
      },
    );
    return { ...used, ...(await stats()) };
  });
  if (peer.requests < ours.requests - 8) throw new Error(`promptfoo asked ${peer.requests}: ${peer.errors}`);
  const named = `promptfoo ${version}`;
  tell(`computed over the least: ${named}`, ratio(peer.computedTokens / least));
  const compare = (what, mine, its, bar) =>
    tell(
      `${what}: mixgate over ${named}`,
      `${ratio(mine / its)} (${mine.toFixed(1)} / ${its.toFixed(1)})`,
      `<= ${bar}`,
      mine / its <= bar,
    );
  compare('computed tokens', ours.computedTokens, peer.computedTokens, 0.2);
  compare('wall seconds', ours.wallSeconds, peer.wallSeconds, 0.25);
  compare('CPU seconds', ours.cpuSeconds, peer.cpuSeconds, 0.25);
  compare('peak megabytes', ours.peakMegabytes, peer.peakMegabytes, 0.4);
}

function findPromptfoo() {
  const folder = flags.promptfoo ?? join(scratch, 'peer');
  const home = join(folder, 'node_modules', 'promptfoo');
  if (!existsSync(home)) {
    execFileSync(
      'npm',
      ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', 'promptfoo'],
      {
        stdio: 'inherit',
      },
    );
  }
  const { version, bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return { program: join(home, typeof bin === 'string' ? bin : bin.promptfoo), version };
}

/** Every prompt as a test of its own, query by query, as its documentation has chat prompts. */
function writePeerConfig(baseUrl, prompts) {
  const { contexts, trials } = JSON.parse(readFileSync(prompts, 'utf8'));
  const ordered = [...trials].sort((a, b) => a.query - b.query || a.context - b.context);
  const tests = join(scratch, 'peer-tests.json');
  writeFileSync(
    tests,
    JSON.stringify(
      ordered.map(({ context, last }) => ({
        vars: { messages: JSON.stringify([...contexts[context], last]) },
      })),
    ),
  );
  const config = join(scratch, 'peer.json.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      prompts: ['{{messages}}'],
      providers: [
        {
          id: 'openai:chat:strict',
          config: { apiBaseUrl: baseUrl, temperature: 1, max_tokens: 256, seed: 7 },
        },
      ],
      tests: `file://${tests}`,
    }),
  );
  return config;
}

/** Answers of realistic length: some 110 tokens on average, between 16 and 256. */
async function keepBusy() {
  for (const [slots, queries, msPerAnswerToken] of [
    [16, 144, 8],
    [64, 288, 15],
    [256, 576, 30],
  ]) {
    if (!flags.slots.split(',').includes(String(slots))) continue;
    const policy = writeSuite(join(scratch, `slots-${slots}`), {
      ...smallSuite,
      queries,
      inference: { maxConcurrency: 1024 },
    });
    const engine = {
      slots,
      cacheTokens: 60_000 + 3000 * slots,
      msPerPromptToken: 0.02,
      msPerAnswerToken,
      answers: 'long',
    };
    const { slotsBusy, requests, computedTokens, run } = await withServer(engine, async (baseUrl, stats) => {
      const used = await runMixgate(policy, baseUrl);
      return { ...used, ...(await stats()) };
    });
    tell(
      `slots busy: ${slots} slots, ${requests} requests`,
      percent(slotsBusy),
      '>= 97 %',
      slotsBusy >= 0.97,
    );
    const share = computedTokens / leastTokens(planOf(policy)).computed;
    tell(`computed over the least: ${slots} slots`, ratio(share), '<= 1.05', share <= 1.05);
    const limits = run.concurrency.kept.map(({ limit }) => limit).join(' ');
    tell(`limit on requests in flight: ${slots} slots`, limits);
  }
}

async function clientCost() {
  const policy = writeSuite(join(scratch, 'client'), { ...smallSuite, queries: 800 });
  const plan = planOf(policy);
  const prompts = join(scratch, 'client', 'prompts.json');
  writePrompts(prompts, plan);
  const fast = { ...gpu, msPerPromptToken: 0, cacheTokens: 1e9, answers: 'long' };
  const requests = plan.trials.length;
  const loop = (over) => async (baseUrl) =>
    (await runLoop(baseUrl, prompts, 'warmed', gpu.slots, { over })).loopCpuSeconds;
  const cost = {
    asking: (baseUrl) => askAlone(policy, baseUrl),
    command: async (baseUrl) => (await runMixgate(policy, baseUrl)).cpuSeconds,
    ...Object.fromEntries(Object.keys(loops).map((over) => [over, loop(over)])),
  };
  // In turns, and the least of them: what other programs on the machine add is not the client's.
  const least = {};
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    for (const [name, measureCpu] of Object.entries(cost)) {
      const each = (1000 * (await withServer(fast, measureCpu))) / requests;
      least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, each);
    }
  }
  for (const [mine, what] of [
    ['asking', 'asking (order, budget, limits, journal)'],
    ['command', 'the whole command (start, plan, judging and receipt too)'],
  ]) {
    for (const [over, its] of Object.entries(loops)) {
      const share = least[mine] / least[over];
      const value = `${ratio(share)} (${least[mine].toFixed(2)} ms / ${least[over].toFixed(2)} ms)`;
      const measured = `CPU a request, ${requests} requests: ${what} over a bare loop with ${its}`;
      // The bar is on the same client, which is also the cheapest.
      if (mine === 'asking' && over === 'request') tell(measured, value, '<= 1.5', share <= 1.5);
      else tell(measured, value);
    }
  }
}

const loops = {
  request: 'undici’s request, as mixgate’s own client',
  fetch: 'undici’s fetch',
  openai: 'openai over Node’s fetch',
};

/** What a run costs from its first request to its last answer, in seconds. */
async function askAlone(policy, baseUrl) {
  const folder = mkdtempSync(join(scratch, 'ask-'));
  const input = JSON.stringify({ baseUrl, policy, folder });
  const used = await measure(join(root, 'scripts', 'bench-inference-ask.mjs'), [input]);
  rmSync(folder, { recursive: true });
  if (used.output === '') throw new Error(`asking failed: ${used.errors}`);
  return JSON.parse(used.output).loopCpuSeconds;
}

/** Places with slots and a cache of their own: a context is computed once, where it is pinned, and none idles. */
async function keepPlacesBusy(servers, slots, ranks) {
  const name = `${servers} servers of ${ranks} ranks of ${slots} slots`;
  const policy = writeSuite(join(scratch, 'places'), smallSuite);
  const plan = planOf(policy);
  const least = leastTokens(plan).computed;
  const engine = { ...gpu, slots, ranks };
  const long = { ...engine, msPerAnswerToken: 4, answers: 'long' };
  const mine = await withServers(servers, long, async (baseUrls, stats) => {
    await runMixgate(policy, baseUrls);
    return stats();
  });
  const share = mine.computedTokens / least;
  tell(`${name}: computed over the least: mixgate`, ratio(share), '<= 1.05', share <= 1.05);
  tell(`${name}: slots busy: mixgate`, percent(mine.slotsBusy), '>= 97 %', mine.slotsBusy >= 0.97);
  tell(`${name}: requests at each server`, mine.requests.join(', '));
  if (servers > 1) return;
  const prompts = join(scratch, 'places', 'prompts.json');
  writePrompts(prompts, plan);
  for (const order of ['warmed', 'natural']) {
    const loop = await withServer(engine, async (baseUrl, stats) => {
      await runLoop(baseUrl, prompts, order, slots * ranks);
      return stats();
    });
    tell(`${name}: computed over the least: bare loop, ${order}`, ratio(loop.computedTokens / least));
  }
}

/** Several of one kind; their addresses as `--base-url` takes them, what they did summed up. */
function withServers(count, settings, work, before = []) {
  return withServer(settings, (baseUrl, stats) => {
    const all = [...before, { baseUrl, stats }];
    if (all.length < count) return withServers(count, settings, work, all);
    const summed = async () => {
      const each = await Promise.all(all.map((one) => one.stats()));
      const sum = (name) => each.reduce((total, one) => total + one[name], 0);
      return {
        requests: each.map(({ requests }) => requests),
        computedTokens: sum('computedTokens'),
        slotsBusy: sum('slotsBusy') / count,
      };
    };
    return work(all.map((one) => one.baseUrl).join(','), summed);
  });
}

async function scale() {
  const policy = writeSuite(join(scratch, 'scale'), { ...smallSuite, queries: 8336, demonstrationWords: 8 });
  const engine = { ...gpu, slots: 64, msPerPromptToken: 0, cacheTokens: 400_000, answers: 'long' };
  const used = await withServer(engine, (baseUrl) => runMixgate(policy, baseUrl));
  const at = (share) => used.memory[Math.floor(share * (used.memory.length - 1))]?.toFixed(0) ?? 'not known';
  tell(
    `peak megabytes, ${used.run.requests} trials`,
    used.peakMegabytes.toFixed(0),
    '< 400',
    used.peakMegabytes < 400,
  );
  tell('megabytes at 10, 25, 50, 75, 95 % of the run', [0.1, 0.25, 0.5, 0.75, 0.95].map(at).join(', '));
  tell('CPU seconds', used.cpuSeconds.toFixed(1));
  tell('trials a second', (used.run.requests / used.wallSeconds).toFixed(0));
}

async function realLlama() {
  const sweeps = {
    zeroShot: true,
    benignSweep: { harmful: 4, benign: [0, 4, 8] },
    orderings: { benign: 4, harmful: 4, rules: ['prefix', 'suffix'] },
  };
  const policy = writeSuite(join(scratch, 'llama'), {
    ...smallSuite,
    queries: 64,
    demonstrationWords: 8,
    draws: 8,
    sweeps,
    maxTokens: 8,
  });
  const prompts = join(scratch, 'llama', 'prompts.json');
  const plan = planOf(policy);
  writePrompts(prompts, plan);
  const engine = { modelPath: join(root, 'fixtures', 'models', 'tiny-refuser.gguf'), sequences: 4 };
  const ours = await withServer(engine, (baseUrl) => runMixgate(policy, baseUrl));
  const one = await withServer({ ...engine, sequences: 1 }, (baseUrl) =>
    runLoop(baseUrl, prompts, 'plan', 1, { maxTokens: 8 }),
  );
  const others = {};
  for (const order of ['natural', 'random']) {
    others[order] = await withServer(engine, (baseUrl) =>
      runLoop(baseUrl, prompts, order, 4, { maxTokens: 8 }),
    );
  }
  // The plan's order one by one in one slot: each stretch of each draw's tree once.
  const least = one.sent - one.cached;
  const share = ours.run.cache.computed / least;
  tell(
    `llama.cpp, 4 slots, ${plan.trials.length} trials: computed over the least: mixgate`,
    ratio(share),
    '<= 1.05',
    share <= 1.05,
  );
  for (const [order, { sent, cached }] of Object.entries(others)) {
    tell(`llama.cpp, 4 slots: computed over the least: bare loop, ${order}`, ratio((sent - cached) / least));
  }
}

if (parts.has('computed') || parts.has('peer')) await compareOrders();
if (parts.has('slots')) await keepBusy();
if (parts.has('ranks')) await keepPlacesBusy(1, 4, 4);
if (parts.has('replicas')) {
  await keepPlacesBusy(3, 8, 1);
  await keepPlacesBusy(2, 4, 2);
}
if (parts.has('client')) await clientCost();
if (parts.has('scale')) await scale();
if (parts.has('llama')) await realLlama();

console.log('| measured | value | bar | holds |\n| --- | --- | --- | --- |');
for (const { measured, value, bar, holds } of rows)
  console.log(`| ${measured} | ${value} | ${bar} | ${holds} |`);
process.exitCode = rows.some(({ holds }) => holds === 'NO') ? 1 : 0;
