import { z } from 'zod';
import { path } from './policy-parts.ts';

/** The `judge` object of the policy: which judge, and what is its own to say. Where it is served comes from the run. */

export const judgeKinds = ['wildguard', 'rubric', 'classifier', 'llama-guard', 'panel', 'phrases'] as const;
export type JudgeKind = (typeof judgeKinds)[number];
// A judge of harm among judges of refusal would agree with them on nothing that means anything.
const memberKinds = ['wildguard', 'rubric', 'classifier', 'phrases'] as const;
export const panelRules = ['majority', 'unanimous', 'anyCompliance'] as const;
export type PanelRule = (typeof panelRules)[number];
/** vLLM serves the first, SGLang the second, TEI the third. */
const classifierEndpoints = ['/classify', '/v1/classify', '/predict'] as const;

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
/** What is a kind's own to say, alone or as a member of a panel. */
export type JudgeSettings = Pick<JudgePolicy, 'rubric' | 'maxTokens' | 'labels' | 'endpoint'>;

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
  { rubric, maxTokens, labels, endpoint }: JudgeSettings,
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
