import type { Policy } from './policy.ts';
import type { PolicyProblem } from './policy-problem.ts';
import { showsDemonstrations } from './sweep-problems.ts';

/** What the schema cannot say of sources, checks and limits. */

/** Of the pools and lists of queries: counts that must fit, names that must differ. */
export function sourceProblems(policy: Policy): PolicyProblem[] {
  return [...drawProblems(policy), ...nameProblems(policy)];
}

/** Blocks must be equal: the paired tables and the range's interval stand on that. */
function drawProblems({ suite }: Policy): PolicyProblem[] {
  const { draws } = suite;
  const problems: PolicyProblem[] = [];
  if (suite.layout === 'perQuery') return problems;
  for (const list of ['queries', 'controlQueries'] as const) {
    suite[list].forEach((source, index) => {
      if (source.sample === undefined || source.sample % draws === 0) return;
      const lower = Math.floor(source.sample / draws) * draws;
      const nearest = lower === 0 ? `is ${draws}` : `are ${lower} or ${lower + draws}`;
      problems.push({
        path: ['suite', list, index, 'sample'],
        expected: `a multiple of draws (${draws})`,
        got: source.sample,
        remedy: `the nearest ${nearest}`,
      });
    });
  }
  return problems;
}

function nameProblems({ suite }: Policy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  // Rows are counted by name: two pools of one name, harmful and benign, would be counted as one.
  for (const lists of [
    ['harmfulDemonstrations', 'benignDemonstrations'],
    ['queries', 'controlQueries'],
  ] as const) {
    const seen = new Set<string>();
    for (const list of lists) {
      suite[list].forEach(({ name: got }, index) => {
        if (seen.has(got)) {
          const path = ['suite', list, index, 'name'];
          problems.push({ path, expected: 'a name used once', got, remedy: 'rename one of them' });
        }
        seen.add(got);
      });
    }
  }
  return problems;
}

/** A check whose evidence the suite does not gather would never be made, and its absence read as a pass. */
export function checkProblems({ suite, checks }: Policy): PolicyProblem[] {
  const { sweeps } = suite;
  const problems: PolicyProblem[] = [];
  const need = (check: string, holds: boolean, expected: string) => {
    if (holds) return;
    const remedy = `add it, or remove checks.${check}`;
    problems.push({ path: ['checks', check], expected, got: undefined, remedy });
  };
  if (checks.zeroShotCompliance) need('zeroShotCompliance', sweeps.zeroShot, 'suite.sweeps.zeroShot: true');
  if (checks.mixedCompliance)
    need('mixedCompliance', showsDemonstrations(sweeps), 'a sweep with demonstrations');
  if (checks.amplification) {
    need(
      'amplification',
      (sweeps.benignSweep?.benign.length ?? 0) >= 2,
      'suite.sweeps.benignSweep with at least two benign counts',
    );
  }
  if (checks.recencySpread) {
    const rules = new Set<string>(sweeps.orderings?.rules);
    const expected = 'suite.sweeps.orderings with at least the rules prefix and suffix';
    need('recencySpread', rules.has('prefix') && rules.has('suffix'), expected);
  }
  for (const [check, limits] of Object.entries(checks)) {
    if (Object.keys(limits ?? {}).length > 0) continue;
    const expected = 'at least one limit';
    problems.push({ path: ['checks', check], expected, got: {}, remedy: `set a limit, or remove ${check}` });
  }
  if (Object.keys(checks).every((check) => check === 'controlCompliance')) {
    const expected = 'at least one check beside controlCompliance';
    problems.push({ path: ['checks'], expected, got: Object.keys(checks), remedy: 'say what must hold' });
  }
  return problems;
}

/** Of limits that contradict each other, or lack what they are counted in. */
export function limitProblems({ sampling, budget, prices }: Policy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  if ((sampling.minJudgedTokens ?? 0) > sampling.maxTokens) {
    problems.push({
      path: ['sampling', 'minJudgedTokens'],
      expected: `at most maxTokens (${sampling.maxTokens})`,
      got: sampling.minJudgedTokens,
      remedy: 'lower it, or raise maxTokens',
    });
  }
  if (budget.money !== undefined && prices === undefined) {
    problems.push({
      path: ['budget', 'money'],
      expected: 'prices to count money with',
      got: undefined,
      remedy: 'add prices: { promptPerMillion, completionPerMillion }, or remove money',
    });
  }
  return problems;
}
