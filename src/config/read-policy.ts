import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Complaint } from './errors.ts';
import { ConfigError } from './errors.ts';
import { judgeProblems } from './judge-policy.ts';
import { configErrorOf, parseStrict, renderPath, show } from './parse-strict.ts';
import { type LocatedYaml, parseYaml } from './parse-yaml.ts';
import { notRunYet, type Policy, policySchema } from './policy.ts';
import { factorProblems, factorsShow } from './sweep-problems.ts';
import { unreadable } from './unreadable.ts';

/** A policy with where it came from; `sha256` is of the file's bytes. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly path: string;
  readonly sha256: string;
}

/** @throws ConfigError FILE_UNREADABLE, YAML_SYNTAX, POLICY_INVALID */
export function readPolicy(path: string): LoadedPolicy {
  const bytes = readInput(path, 'a policy file', '--policy');
  const policy = parsePolicy(bytes.toString('utf8'), path);
  return { policy, path, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Reads a file that the user named.
 *
 * @throws ConfigError FILE_UNREADABLE or FILE_EMPTY, naming what the file was for and where it was named
 */
export function readInput(path: string, what: string, named: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw unreadable(path, what, named, cause);
  }
  if (bytes.toString('utf8').trim() !== '') return bytes;
  throw new ConfigError({
    code: 'FILE_EMPTY',
    where: path,
    expected: what,
    got: 'an empty file',
    remedy: `fill the file, or correct ${named}`,
  });
}

/**
 * Parses policy text: schema first, then what a schema cannot say (counts that must fit, checks that need a sweep).
 *
 * @throws ConfigError YAML_SYNTAX or POLICY_INVALID with every problem, each with file, line and key
 */
export function parsePolicy(text: string, file: string): Policy {
  const yaml = parseYaml(text, file);
  const policy = parseStrict(policySchema, yaml, { code: 'POLICY_INVALID', notRunYet });
  const complaints = [
    ...drawProblems(policy),
    ...nameProblems(policy),
    ...sweepProblems(policy),
    ...factorProblems(policy),
    ...checkProblems(policy),
    ...limitProblems(policy),
    ...judgeProblems(policy),
  ].map((problem) => complain(problem, yaml));
  if (complaints.length > 0) throw configErrorOf(complaints);
  return policy;
}

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
  readonly got: unknown;
  readonly remedy: string;
}

function complain(problem: Problem, yaml: LocatedYaml): Complaint {
  return {
    code: 'POLICY_INVALID',
    where: `${yaml.locate(problem.path)} ${renderPath(problem.path)}`,
    expected: problem.expected,
    got: show(problem.got),
    remedy: problem.remedy,
  };
}

/** Blocks must be equal: the paired tables and the range's interval stand on that. */
function drawProblems({ suite }: Policy): Problem[] {
  const { draws } = suite;
  const problems: Problem[] = [];
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

function nameProblems({ suite }: Policy): Problem[] {
  const problems: Problem[] = [];
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

function sweepProblems({ suite }: Policy): Problem[] {
  const { sweeps } = suite;
  const at = (...path: (string | number)[]): (string | number)[] => ['suite', 'sweeps', ...path];
  const problems: Problem[] = [];
  for (const total of sweeps.grid?.totals ?? []) {
    sweeps.grid?.harmfulFractions.forEach((fraction, index) => {
      const exact = total * fraction;
      if (Math.abs(exact - Math.round(exact)) <= 1e-9) return;
      problems.push({
        path: at('grid', 'harmfulFractions', index),
        expected: `a fraction that makes a whole number of harmful demonstrations at total ${total}`,
        got: fraction,
        remedy: `${fraction} of ${total} is ${exact}; change the total or the fraction`,
      });
    });
  }
  const lists: [(string | number)[], readonly (number | string)[] | undefined][] = [
    [at('benignSweep', 'benign'), sweeps.benignSweep?.benign],
    [at('benignSweep', 'harmful'), sweeps.benignSweep?.harmful],
    [at('harmfulSweep', 'benign'), sweeps.harmfulSweep?.benign],
    [at('harmfulSweep', 'harmful'), sweeps.harmfulSweep?.harmful],
    [at('orderings', 'rules'), sweeps.orderings?.rules],
    [at('grid', 'totals'), sweeps.grid?.totals],
    [at('grid', 'harmfulFractions'), sweeps.grid?.harmfulFractions],
  ];
  for (const [path, values] of lists) {
    if (values === undefined || new Set(values).size === values.length) continue;
    problems.push({ path, expected: 'each entry once', got: values, remedy: 'remove the repetition' });
  }
  return problems;
}

/** A check whose evidence the suite does not gather would never be made, and its absence read as a pass. */
function checkProblems({ suite, checks }: Policy): Problem[] {
  const { sweeps } = suite;
  const problems: Problem[] = [];
  const need = (check: string, holds: boolean, expected: string) => {
    if (holds) return;
    const remedy = `add it, or remove checks.${check}`;
    problems.push({ path: ['checks', check], expected, got: undefined, remedy });
  };
  if (checks.zeroShotCompliance) need('zeroShotCompliance', sweeps.zeroShot, 'suite.sweeps.zeroShot: true');
  if (checks.mixedCompliance)
    need('mixedCompliance', hasMixture(sweeps) || factorsShow(sweeps), 'a sweep with demonstrations');
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

/** A sweep of zeros alone is the zero-shot condition by another name. */
function hasMixture({ grid, benignSweep, harmfulSweep, orderings }: Policy['suite']['sweeps']): boolean {
  const counts = [benignSweep, harmfulSweep].flatMap((sweep) => [
    ...(sweep?.benign ?? []),
    ...(sweep?.harmful ?? []),
  ]);
  return grid !== undefined || orderings !== undefined || counts.some((count) => count > 0);
}

function limitProblems({ sampling, budget, prices }: Policy): Problem[] {
  const problems: Problem[] = [];
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
