import { feedRange, targets } from './targets.ts';

/** One process of `scripts/fuzz.mjs`: says before each input which it is, and at the end what became of all. */
const [name = '', seed, from, to] = process.argv.slice(2);
const open = targets[name];
if (open === undefined) throw new Error(`no target ${name}: ${Object.keys(targets).join(', ')}`);
const target = await open();
const tally = await feedRange(target, {
  seed: Number(seed),
  from: Number(from),
  to: Number(to),
  before: (index) => process.send?.({ index }),
});
await target.close();
process.send?.({ tally, peakMb: process.resourceUsage().maxRSS / 1024 }, () => process.exit(0));
