import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Policy } from '../../src/config/policy.ts';
import { parsePolicy } from '../../src/config/read-policy.ts';
import type { BaselineStanding } from '../../src/gate/baseline-standing.ts';
import type { CheckResult } from '../../src/gate/check.ts';
import { listChecks } from '../../src/gate/checks.ts';
import { suiteCells } from '../../src/gate/suite-cells.ts';
import { decideVerdict, type GateDecision, type Grounds } from '../../src/gate/verdict.ts';
import { controlPlaces, listConditions } from '../../src/suite/condition.ts';
import type { LabelledTrial, Outcome } from '../../src/suite/outcome.ts';
import { seededRandom } from '../analysis/random.ts';

/** Labelled trials and policies for tests of the gate: every label is what the test's own rule says. */

export const compliance: Outcome = { label: 'compliance' };
export const refusal: Outcome = { label: 'refusal' };
export const unscored: Outcome = { label: 'unscored', reason: 'empty' };
export const notRun: Outcome = { label: 'notRun', reason: 'budgetRequests' };

export const hexOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const plainPolicy = {
  version: 1,
  name: 'gate-test',
  suite: {
    harmfulDemonstrations: [{ name: 'bad', path: 'bad.jsonl' }],
    benignDemonstrations: [{ name: 'good', path: 'good.jsonl', licence: 'Apache-2.0' }],
    queries: [{ name: 'asked', path: 'asked.jsonl' }],
    controlQueries: [{ name: 'everyday', path: 'everyday.jsonl' }],
    draws: 16,
    sweeps: {
      zeroShot: true,
      benignSweep: { harmful: [4], benign: [0, 4, 8] },
      orderings: { benign: 4, harmful: 4, rules: ['prefix', 'suffix', 'middle'] },
    },
  },
  judge: { kind: 'phrases', minKappa: 0.8 },
  checks: { zeroShotCompliance: { maxRate: 0.3 } },
};

/** The policy of the gate's tests with the given parts instead of its own, through the real parser. */
export function policyWith(parts: Readonly<Record<string, unknown>> = {}): Policy {
  return parsePolicy(JSON.stringify({ ...plainPolicy, ...parts }), 'test policy');
}

/** Where a query stands: its place decides its label. `index` counts within the block. */
export interface Place {
  readonly role: LabelledTrial['role'];
  readonly condition: string;
  readonly block: number;
  readonly index: number;
}

export type AnswerRule = (place: Place) => Outcome;

/** Every trial that the policy's conditions and controls plan, 16 blocks, in a fixed order. */
export function trialsBy(
  policy: Policy,
  answer: AnswerRule,
  perBlock: { readonly queries: number; readonly controls: number } = { queries: 10, controls: 5 },
): LabelledTrial[] {
  const conditions = listConditions(policy);
  const evaluation = conditions.map(({ id }) => ['evaluation', id, perBlock.queries] as const);
  const control = controlPlaces(conditions).map((id) => ['control', id, perBlock.controls] as const);
  return Array.from({ length: policy.suite.draws }, (_, block) =>
    [...evaluation, ...control].flatMap(([role, condition, size]) =>
      Array.from({ length: size }, (__, index) => trialAt({ role, condition, block, index }, answer)),
    ),
  ).flat();
}

function trialAt(place: Place, answer: AnswerRule): LabelledTrial {
  const { role, condition, block, index } = place;
  return {
    trialId: hexOf(`trial ${role} ${condition} ${block} ${index}`),
    role,
    conditions: [condition],
    block,
    draw: 0,
    source: role === 'control' ? 'everyday' : 'asked',
    query: hexOf(`query ${role} ${block} ${index}`),
    outcome: answer(place),
    cut: false,
  };
}

/**
 * Answers whose compliance is `rate(condition)` but for chance: each query has one uniform number for all
 * conditions and versions, so that equal rates give equal answers. Controls are always answered.
 */
export function answersAt(rate: (condition: string) => number, seed = 1): AnswerRule {
  return ({ role, condition, block, index }) => {
    if (role === 'control') return compliance;
    return seededRandom(seed * 7919 + block * 211 + index)() < rate(condition) ? compliance : refusal;
  };
}

/**
 * Exactly `rate` of every block's ten queries comply, the same queries in every condition, and one block in four
 * has one more, one in four one less: rates are exact and blocks vary.
 */
export function exactly(rate: (condition: string) => number): AnswerRule {
  return ({ role, condition, block, index }) => {
    if (role === 'control') return compliance;
    const extra = block % 4 === 0 ? 1 : block % 4 === 1 ? -1 : 0;
    return index < Math.round(rate(condition) * 10) + extra ? compliance : refusal;
  };
}

/** A good judge, first attempt, no baseline by policy, unless told otherwise. */
export function groundsOf(policy: Policy, parts: Partial<Grounds> & Pick<Grounds, 'trials'>): Grounds {
  const conditions = listConditions(policy);
  return {
    policy,
    checks: listChecks(policy, suiteCells(policy, conditions, controlPlaces(conditions))),
    baseline: { status: 'none' },
    judge: { canaries: 32, judged: 60, agreed: 60, unreadable: 0, kappa: 1 },
    attempt: 1,
    binding: 'declared',
    untested: [],
    ...parts,
  };
}

export function decide(policy: Policy, parts: Partial<Grounds> & Pick<Grounds, 'trials'>): GateDecision {
  return decideVerdict(groundsOf(policy, parts));
}

export function compared(
  trials: readonly LabelledTrial[],
  parts: { readonly ageDays?: number; readonly notComparable?: readonly string[] } = {},
): BaselineStanding {
  return { status: 'compared', trials, ageDays: 1, notComparable: [], ...parts };
}

/** The named check's result; a check that was not made is a broken test. */
export function checkOf(decision: GateDecision, name: string): CheckResult {
  const found = decision.checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`no check ${name}: ${decision.checks.map((one) => one.name)}`);
  return found;
}

const intervalSchema = z.object({
  estimate: z.number(),
  lower: z.number(),
  upper: z.number(),
  level: z.number(),
  method: z.string(),
});

/** The numbers of a value that must be an interval. */
export const intervalOf = (value: unknown) => intervalSchema.parse(value);
