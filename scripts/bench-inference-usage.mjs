// Loaded before a program that is measured (`node --import`): writes what it used to the file in BENCH_USAGE.
import { writeFileSync } from 'node:fs';

const file = process.env.BENCH_USAGE;
delete process.env.BENCH_USAGE;
if (file !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = {
      wallSeconds: performance.now() / 1000,
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      peakMegabytes: maxRSS / 1024,
    };
    writeFileSync(file, JSON.stringify(usage));
  });
}
