import { z } from 'zod';
import { path } from './policy-parts.ts';
import type { Problem } from './read-policy.ts';

/** The `judge` object of the policy: which judge, and what is its own to say. Where it is served comes from the run. */

export const judgeKinds = ['wildguard', 'rubric', 'classifier', 'llama-guard', 'panel', 'phrases'] as const;
export type JudgeKind = (typeof judgeKinds)[number];
// A judge of harm among judges of refusal would agree with them on nothing that means anything.
const memberKinds = ['wildguard', 'rubric', 'classifier', 'phrases'] as const;
export const panelRules = ['majority', 'unanimous', 'anyCompliance'] as const;
export type PanelRule = (typeof panelRules)[number];
/** vLLM serves the first, SGLang the second, TEI the third. */
export const classifierEndpoints = ['/classify', '/v1/classify', '/predict'] as const;

const labelNames = z.array(z.string().min(1).max(200)).min(1).max(32);

const kindSettings = {
  rubric: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .describe('rubric: instructions in place of the shipped ones; the form of the answer stays.'),
  maxTokens: z
    .int()
    .min(8)
    .max(8192)
    .optional()
    .describe('rubric: most tokens of the judge’s answer; 64 when absent, a reasoning model needs more.'),
  labels: z
    .strictObject({ compliance: labelNames, refusal: labelNames })
    .optional()
    .describe('classifier: the model’s names of the two labels.'),
  endpoint: z
    .enum(classifierEndpoints)
    .optional()
    .describe('classifier: path from the server’s root; /classify (vLLM) when absent, /predict for TEI.'),
} as const;

const member = z
  .strictObject({ kind: z.enum(memberKinds), ...kindSettings })
  .describe('One judge of a panel; served ones take --judge-base-url and --judge-model in this order.');

export const judgePolicy = z.strictObject({
  kind: z.enum(judgeKinds),
  minKappa: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe('Agreement with people that the judge must reach, on its card and on the canaries.'),
  card: path.optional().describe('Judge card made by `mixgate judge measure`, relative to the policy file.'),
  canaries: path.optional().describe('Labels file; the shipped canaries when absent.'),
  measures: z
    .enum(['harm'])
    .optional()
    .describe('llama-guard, required: it calls answers unsafe, it does not see refusals.'),
  ...kindSettings,
  members: z.array(member).min(2).max(9).optional().describe('panel: its judges.'),
  rule: z
    .enum(panelRules)
    .optional()
    .describe('panel: how disagreement is settled; what it does not settle is unscored.'),
});

export type JudgePolicy = z.infer<typeof judgePolicy>;
type Settings = Pick<JudgePolicy, 'rubric' | 'maxTokens' | 'labels' | 'endpoint'>;

/** A judge as it is to be made: every kind with what is its own. */
export type MemberSpec =
  | { readonly kind: 'phrases' }
  | { readonly kind: 'wildguard' }
  | { readonly kind: 'llama-guard' }
  | { readonly kind: 'rubric'; readonly instructions: string | undefined; readonly maxTokens: number }
  | {
      readonly kind: 'classifier';
      readonly labels: { readonly compliance: readonly string[]; readonly refusal: readonly string[] };
      readonly endpoint: (typeof classifierEndpoints)[number];
    };
export type JudgeSpec =
  | MemberSpec
  | { readonly kind: 'panel'; readonly rule: PanelRule; readonly members: readonly MemberSpec[] };

/** @throws RangeError for a policy that `judgeProblems` has not let through */
export function judgeSpecOf(judge: JudgePolicy): JudgeSpec {
  if (judge.kind !== 'panel') return memberSpecOf(judge.kind, judge);
  const { members, rule } = judge;
  if (members === undefined || rule === undefined)
    throw new RangeError('judgeSpecOf: a panel without members');
  return { kind: 'panel', rule, members: members.map((one) => memberSpecOf(one.kind, one)) };
}

function memberSpecOf(
  kind: MemberSpec['kind'],
  { rubric, maxTokens, labels, endpoint }: Settings,
): MemberSpec {
  switch (kind) {
    case 'phrases':
    case 'wildguard':
    case 'llama-guard':
      return { kind };
    case 'rubric':
      return { kind, instructions: rubric, maxTokens: maxTokens ?? 64 };
    case 'classifier':
      if (labels === undefined) throw new RangeError('memberSpecOf: a classifier without labels');
      return { kind, labels, endpoint: endpoint ?? '/classify' };
  }
}

/** Whether a judge needs a server. */
export function isServed({ kind }: { readonly kind: JudgeKind }): boolean {
  return kind !== 'phrases';
}

/** How many servers' answers one judged answer takes. */
export function servedJudges({ kind, members }: JudgePolicy): number {
  return (members ?? [{ kind }]).filter(isServed).length;
}

const settingOf = {
  rubric: 'rubric',
  maxTokens: 'rubric',
  labels: 'classifier',
  endpoint: 'classifier',
} as const;

/** As far as a judge is concerned: what it is held to, and the check that no judge of harm can pass. */
interface JudgedPolicy {
  readonly judge: JudgePolicy;
  readonly checks: {
    readonly controlCompliance: { readonly minRate: number; readonly maxDecrease?: number | undefined };
  };
}

/** What the schema cannot say of the judge: settings that belong to another kind, labels that mean both. */
export function judgeProblems({ judge, checks }: JudgedPolicy): Problem[] {
  return [
    ...harmProblems(judge, checks),
    ...settingProblems(judge.kind, judge, ['judge']),
    ...panelProblems(judge),
    ...(judge.members ?? []).flatMap((one, index) =>
      settingProblems(one.kind, one, ['judge', 'members', index]),
    ),
  ];
}

function settingProblems(kind: JudgeKind, settings: Settings, at: readonly (string | number)[]): Problem[] {
  const problems: Problem[] = [];
  for (const setting of ['rubric', 'maxTokens', 'labels', 'endpoint'] as const) {
    if (settings[setting] === undefined || settingOf[setting] === kind) continue;
    const expected = `nothing under kind ${kind}: it belongs to ${settingOf[setting]}`;
    problems.push({ path: [...at, setting], expected, got: settings[setting], remedy: 'remove it' });
  }
  if (kind !== 'classifier') return problems;
  const { labels } = settings;
  const expected = 'the model’s names of the two labels';
  if (labels === undefined) {
    const remedy = 'write labels: { compliance: [NAME], refusal: [NAME] }, as the model’s id2label has them';
    return [...problems, { path: [...at, 'labels'], expected, got: undefined, remedy }];
  }
  const both = labels.compliance.find((name) => labels.refusal.includes(name));
  if (both === undefined) return problems;
  const remedy = 'name each label once';
  return [...problems, { path: [...at, 'labels'], expected: 'two labels', got: both, remedy }];
}

function panelProblems({ kind, members, rule }: JudgePolicy): Problem[] {
  const problems: Problem[] = [];
  for (const [name, value] of [
    ['members', members],
    ['rule', rule],
  ] as const) {
    if ((value === undefined) === (kind !== 'panel')) continue;
    const path = ['judge', name];
    if (kind === 'panel') {
      const expected = name === 'rule' ? panelRules.join(' or ') : 'two judges or more';
      problems.push({ path, expected, got: undefined, remedy: `add judge.${name}` });
    } else {
      const expected = `nothing under kind ${kind}: it belongs to panel`;
      problems.push({ path, expected, got: value, remedy: 'remove it' });
    }
  }
  return problems;
}

/** Harm is measured only where a policy says that this is meant, on canaries that can tell such a judge apart. */
function harmProblems(
  { kind, measures, canaries }: JudgePolicy,
  { controlCompliance }: JudgedPolicy['checks'],
): Problem[] {
  if (kind !== 'llama-guard') {
    if (measures === undefined) return [];
    const expected = `nothing under kind ${kind}: it belongs to llama-guard`;
    return [{ path: ['judge', 'measures'], expected, got: measures, remedy: 'remove it' }];
  }
  const problems: Problem[] = [];
  if (measures === undefined) {
    const expected = '"harm": this judge calls answers unsafe, it does not see refusals';
    const remedy = 'write measures: harm if that is meant, or take a judge of refusals';
    problems.push({ path: ['judge', 'measures'], expected, got: undefined, remedy });
  }
  if (canaries === undefined) {
    const expected =
      'a labels file of your own: the shipped canaries are harmless, this judge calls all of them safe';
    const remedy = 'add judge.canaries; label compliance what is unsafe, refusal what is safe';
    problems.push({ path: ['judge', 'canaries'], expected, got: undefined, remedy });
  }
  const { minRate, maxDecrease } = controlCompliance;
  const check = ['checks', 'controlCompliance'];
  const why =
    'under kind llama-guard: it calls answers to harmless requests safe, so none counts as compliance';
  if (minRate > 0)
    problems.push({
      path: [...check, 'minRate'],
      expected: `0 ${why}`,
      got: minRate,
      remedy: 'write minRate: 0',
    });
  if (maxDecrease !== undefined)
    problems.push({
      path: [...check, 'maxDecrease'],
      expected: `nothing ${why}`,
      got: maxDecrease,
      remedy: 'remove it',
    });
  return problems;
}
