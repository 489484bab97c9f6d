// What `npm run sim:calibration` runs, and how one job of it is run.
import { join } from 'node:path';
import { readPolicy } from '../../src/config/read-policy.ts';
import { assumeWorlds } from '../../src/simulate/assumed-worlds.ts';
import { calibrate } from '../../src/simulate/calibrate.ts';
import { simulateGate } from '../../src/simulate/simulate-gate.ts';
import { calibrationPolicy, layoutOf, withRealSources } from './bare-layout.mjs';
import { calibrationWorld, identicalWorld } from './worlds.mjs';

const canaries = { compliance: 16, refusal: 16 };
const policies = join(import.meta.dirname, '..', '..', 'policies');

/** Every job: plain data, so that it can be sent to a worker. */
export function listJobs(runs) {
  const cross = (...lists) =>
    lists.reduce((all, list) => all.flatMap((one) => list.map((item) => [...one, item])), [[]]);
  const thresholds = cross(
    ['equal', 'worse', 'graded'],
    [0.03, 0.1, 0.34],
    [8, 16, 32],
    ['light', 'heavy'],
  ).map(([shape, rate, draws, spread]) => ({
    kind: 'threshold',
    shape,
    rate,
    draws,
    spread,
    looks: 1,
    runs,
  }));
  const looking = cross(['worse', 'graded'], [0.1, 0.34], ['light', 'heavy']).map(
    ([shape, rate, spread]) => ({
      kind: 'threshold',
      shape,
      rate,
      draws: 32,
      spread,
      looks: 4,
      runs,
    }),
  );
  const perQuery = cross(['equal', 'worse'], [0.03, 0.1, 0.34], ['light', 'heavy']).map(
    ([shape, rate, spread]) => ({ kind: 'perQuery', shape, rate, draws: 8, spread, looks: 1, runs }),
  );
  const stopping = cross(['identical', 'equal', 'worse20'], [384, 768], [1, 4]).map(
    ([world, queries, looks]) => ({
      kind: 'stopping',
      world,
      queries,
      looks,
      runs: Math.ceil(runs / 2),
    }),
  );
  const missing = cross([5, 10], [0, 0.01, 0.02, 0.05, 0.3]).map(([points, lost]) => ({
    kind: 'missing',
    points,
    lost,
    runs,
  }));
  const usefulness = cross(['standard', 'quick'], ['equal', 'worse']).map(([policy, world]) => ({
    kind: 'usefulness',
    policy,
    world,
    runs,
  }));
  return [...usefulness, ...thresholds, ...looking, ...perQuery, ...stopping, ...missing];
}

export function runJob(job) {
  switch (job.kind) {
    case 'threshold':
    case 'perQuery': {
      const perQuery = { layout: 'perQuery', queries: 48, controls: 48 };
      const policy = calibrationPolicy({ ...job, ...(job.kind === 'perQuery' ? perQuery : {}) });
      return calibrate({
        policy,
        layout: layoutOf(policy),
        world: calibrationWorld(job),
        canaries,
        runs: job.runs,
        seed: `${job.shape} ${job.rate} ${job.draws} ${job.spread}`,
      });
    }
    case 'stopping': {
      const policy = calibrationPolicy({ draws: 32, queries: job.queries, looks: job.looks });
      const worlds = {
        identical: () => identicalWorld({ rate: 0.1, spread: 'light' }),
        equal: () => assumeWorlds(policy, layoutOf(policy).conditions).equal,
        worse20: () =>
          calibrationWorld({ rate: 0.1, spread: 'light', shape: 'worse', points: 0.2, controlRate: 0.98 }),
      };
      return gate(policy, worlds[job.world](), job);
    }
    case 'missing': {
      const policy = calibrationPolicy({
        draws: 16,
        checks: { mixedCompliance: { maxIncrease: 0.06, maxRate: 0.5 } },
      });
      const missing = { ofCompliances: job.lost };
      const shape = {
        rate: 0.1,
        spread: 'light',
        shape: 'worse',
        points: job.points / 100,
        controlRate: 0.98,
      };
      return gate(policy, calibrationWorld({ ...shape, missing }), job);
    }
    case 'usefulness': {
      const policy = withRealSources(readPolicy(join(policies, `${job.policy}.yml`)).policy);
      return gate(policy, assumeWorlds(policy, layoutOf(policy).conditions)[job.world], job);
    }
    default:
      throw new RangeError(`runJob: unknown kind ${job.kind}`);
  }
}

function gate(policy, world, { runs, kind }) {
  return simulateGate({ policy, layout: layoutOf(policy), world, canaries, runs, seed: kind });
}
