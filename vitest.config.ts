import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One is left free unless told: half of the time on two cores, where most tests wait for servers of their own.
    maxWorkers: '100%',
    reporters: ['default', './test/summary-reporter.ts'],
  },
});
