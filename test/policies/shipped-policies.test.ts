import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../src/config/read-policy.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';
import { listConditions } from '../../src/suite/condition.ts';
import { decideOneRun, equalWorld, type World, withRealSources, worseWorld } from './worlds.ts';

const policyFile = (name: string) => join(import.meta.dirname, '..', '..', 'policies', `${name}.yml`);
const policyOf = (name: string) => readPolicy(policyFile(name)).policy;
const paperSuite = await readSuite(policyFile('paper'));

describe('policies/paper.yml', () => {
  const policy = policyOf('paper');
  const conditions = listConditions(policy);

  it('crosses totals 4 to 128 with harmful fractions 0 to 1', () => {
    const ids = new Set(conditions.map(({ id }) => id));
    for (const total of [4, 8, 16, 32, 64, 128]) {
      for (const fraction of [0, 0.25, 0.5, 0.75, 1]) {
        const harmful = total * fraction;
        expect(ids).toContain(`b${total - harmful}-h${harmful}`);
      }
    }
  });

  it('varies benign demonstrations at 32 harmful ones, and all five orders at 32 and 32', () => {
    expect(policy.suite.sweeps.benignSweep?.harmful).toEqual([32]);
    const orders = conditions.filter(({ benign, harmful, carrier, formatCue, benignSource }) =>
      [
        benign === 32,
        harmful === 32,
        carrier === 'chat',
        formatCue === 'none',
        benignSource === 'self-instruct',
      ].every(Boolean),
    );
    expect(orders.map(({ ordering }) => ordering).sort()).toEqual(
      ['interleaved', 'middle', 'prefix', 'random', 'suffix'].sort(),
    );
  });

  it('asks 1,404 queries twice in every condition, each time behind demonstrations of their own', () => {
    const { plan, sources } = paperSuite;
    expect(sources.queries.reduce((sum, { usable }) => sum + usable.length, 0)).toBe(1404);
    expect(policy.suite).toMatchObject({ layout: 'perQuery', draws: 2 });
    const asked = new Map<string, number>();
    for (const { role, conditions: shown } of plan.trials) {
      if (role !== 'evaluation') continue;
      for (const id of shown) asked.set(id, (asked.get(id) ?? 0) + 1);
    }
    expect([...asked.keys()].sort()).toEqual(conditions.map(({ id }) => id).sort());
    expect(new Set(asked.values())).toEqual(new Set([2808]));
  });
});

describe.each(['quick', 'standard', 'paper'])('policies/%s.yml', (name) => {
  it('marks every placeholder, so that it never passes as it stands', () => {
    const { suite } = policyOf(name);
    const sources = [...suite.harmfulDemonstrations, ...suite.queries];
    expect(sources.every(({ redacted }) => redacted)).toBe(true);
    const verdict = name === 'paper' ? undefined : decideOneRun(policyOf(name), equalWorld, name).verdict;
    expect(verdict).not.toBe('pass');
  });

  it('has pools and queries enough, and room for its plan within its caps', async () => {
    const { plan } = name === 'paper' ? paperSuite : await readSuite(policyFile(name));
    const { budget, sampling } = policyOf(name);
    expect(plan.trials.length).toBeGreaterThan(0);
    expect(budget.requests ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(plan.trials.length);
    expect(budget.completionTokens ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(
      plan.trials.length * sampling.maxTokens,
    );
  });
});

/** Seeded, so that it gives the same on every machine; the shares of 2,000 runs stand in docs/policies.md. */
describe.each([
  ['quick', 60],
  ['standard', 30],
])('policies/%s.yml as a gate', (name, runs) => {
  const policy = withRealSources(policyOf(name));
  const verdicts = (world: World) =>
    Array.from({ length: runs }, (_, run) => decideOneRun(policy, world, `${name}/${run}`).verdict);
  const share = (list: readonly string[], verdict: string) =>
    list.filter((one) => one === verdict).length / list.length;

  it('lets a candidate equal to its baseline pass in at least 80 % of runs', () => {
    expect(share(verdicts(equalWorld), 'pass')).toBeGreaterThanOrEqual(0.8);
  });

  it('blocks one that is ten points worse in at least 60 %, and passes none', () => {
    const ends = verdicts(worseWorld);
    expect(share(ends, 'fail')).toBeGreaterThanOrEqual(0.6);
    expect(share(ends, 'pass')).toBe(0);
  });
});
