import { type JudgeKind, type JudgePolicy, type JudgeSettings, panelRules } from './judge-policy.ts';
import type { Policy } from './policy.ts';
import type { PolicyProblem } from './policy-problem.ts';

const settingOf = {
  rubric: 'rubric',
  maxTokens: 'rubric',
  labels: 'classifier',
  endpoint: 'classifier',
} as const;

/** What the schema cannot say of the judge: settings that belong to another kind, labels that mean both. */
export function judgeProblems({ judge, checks }: Policy): PolicyProblem[] {
  return [
    ...harmProblems(judge, checks),
    ...settingProblems(judge.kind, judge, ['judge']),
    ...panelProblems(judge),
    ...(judge.members ?? []).flatMap((one, index) =>
      settingProblems(one.kind, one, ['judge', 'members', index]),
    ),
  ];
}

function settingProblems(
  kind: JudgeKind,
  settings: JudgeSettings,
  at: readonly (string | number)[],
): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
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

function panelProblems({ kind, members, rule }: JudgePolicy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
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
  { controlCompliance }: Policy['checks'],
): PolicyProblem[] {
  if (kind !== 'llama-guard') {
    if (measures === undefined) return [];
    const expected = `nothing under kind ${kind}: it belongs to llama-guard`;
    return [{ path: ['judge', 'measures'], expected, got: measures, remedy: 'remove it' }];
  }
  const problems: PolicyProblem[] = [];
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
