// Feeds damaged and hostile inputs to everything that reads what others write: no crash without a message, no hang over
// 5 s, no memory above 500 MB. `npm run fuzz -- --inputs 10000 --seed 1 --targets policy,pool`; one input again:
// `--targets pool --from 123 --inputs 1`. Ends with exit code 1 where something was found.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    targets: { type: 'string', default: 'policy,candidate,pool,journal,receipt,server,github' },
  },
});
const hangMs = 5000;
const mostMb = 500;
// A process that starts parses all sources first.
const startMs = 30_000;

/** Inputs `from` to before `to` in one process; a hang ends it, and tells where. */
function feed(target, from, to) {
  return new Promise((done) => {
    const child = fork(
      join(import.meta.dirname, '..', 'test', 'fuzz', 'child.ts'),
      [target, values.seed, from, to],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    let at = from;
    let result = { crashedAt: from };
    let watch;
    const arm = (ms) => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        result = { hungAt: at };
        child.kill('SIGKILL');
      }, ms);
    };
    arm(startMs);
    child.on('message', (message) => {
      if ('index' in message) {
        at = message.index;
        result = { crashedAt: at };
        arm(hangMs);
      } else {
        clearTimeout(watch);
        result = message;
      }
    });
    child.on('exit', () => {
      clearTimeout(watch);
      done(result);
    });
  });
}

async function fuzz(target) {
  const [first, last] = [Number(values.from), Number(values.from) + Number(values.inputs)];
  const sum = { taken: 0, refused: 0, slowestMs: 0, peakMb: 0, faults: [] };
  // Small enough that a hang costs little; each begins with an empty heap.
  for (let from = first; from < last; ) {
    const to = Math.min(from + 2500, last);
    const part = await feed(target, from, to);
    if ('tally' in part) {
      const { tally, peakMb } = part;
      sum.taken += tally.taken;
      sum.refused += tally.refused;
      sum.faults.push(...tally.faults);
      sum.slowestMs = Math.max(sum.slowestMs, tally.slowestMs);
      sum.peakMb = Math.max(sum.peakMb, peakMb);
      from = to;
    } else {
      const index = part.hungAt ?? part.crashedAt;
      sum.faults.push({
        index,
        said: part.hungAt === undefined ? 'the process ended' : `more than ${hangMs} ms`,
      });
      from = index + 1;
    }
  }
  return sum;
}

let bad = false;
for (const target of values.targets.split(',')) {
  const { taken, refused, slowestMs, peakMb, faults } = await fuzz(target);
  const figures = `slowest ${slowestMs.toFixed(0)} ms, peak ${peakMb.toFixed(0)} MB`;
  console.log(`${target}: ${taken} taken, ${refused} refused, ${faults.length} faults, ${figures}`);
  for (const { index, said } of faults.slice(0, 5)) console.log(`  input ${index}: ${said}`);
  bad ||= faults.length > 0 || peakMb > mostMb || slowestMs > hangMs;
}
process.exitCode = bad ? 1 : 0;
