import type { PlanSummary } from '../run/plan-summary.ts';

const mostRows = 16;

/** A plan for people at a terminal, in one screen; `--json` has all of it. */
export function describePlan(plan: PlanSummary): string {
  return [
    `${plan.name}: ${count(plan.trials)} trials in ${count(plan.contexts)} contexts (plan ${plan.sha256.slice(0, 16)})`,
    '',
    ...conditionRows(plan),
    '',
    ...costRows(plan),
    '',
    ...checkRows(plan),
    ...suggestionRows(plan),
    '',
    'assumed',
    ...plan.assumptions.map((text) => `  ${text}`),
    ...(plan.warnings.length === 0 ? [] : ['', ...plan.warnings.map((text) => `warning: ${text}`)]),
  ].join('\n');
}

function conditionRows({ conditions, controls }: PlanSummary): string[] {
  const row = (id: string, trials: number) => `  ${id.padEnd(40)} ${count(trials).padStart(9)}`;
  const shown = conditions.length <= mostRows ? conditions : conditions.slice(0, mostRows - 1);
  const rest = conditions.length - shown.length;
  return [
    `${'conditions'.padEnd(42)} ${'trials'.padStart(9)}`,
    ...shown.map(({ id, trials }) => row(id, trials)),
    ...(rest > 0 ? [`  and ${rest} more (--json lists them)`] : []),
    row(
      `control queries, in ${controls.map(({ condition }) => condition).join(', ')}`,
      controls.reduce((sum, { trials }) => sum + trials, 0),
    ),
  ];
}

function costRows(plan: PlanSummary): string[] {
  const { sent, computed } = plan.promptTokens;
  const by = plan.tokenCounts === 'exact' ? 'counted by the server' : 'estimated; --base-url counts exactly';
  const saved = sent > 0 ? `, ${share(1 - computed / sent)} of it reused` : '';
  const cap = (name: PlanSummary['budget'][number]['cap']) => {
    const fit = plan.budget.find((one) => one.cap === name);
    return fit === undefined
      ? ''
      : `  (cap ${count(fit.allowed)}${fit.needed > fit.allowed ? ', EXCEEDED' : ''})`;
  };
  const row = (name: string, value: string, of: string) => `  ${name.padEnd(26)} ${value}${of}`;
  return [
    'cost, each trial once',
    row('requests', count(plan.requests), cap('requests')),
    row('prompt tokens sent', `${count(sent)}, ${by}`, cap('promptTokens')),
    row('prompt tokens computed', `${count(computed)} with a prefix cache${saved}`, ''),
    row(
      'completion tokens',
      `${count(plan.completionTokens)} at most, about ${count(plan.expectedCompletionTokens)}`,
      cap('completionTokens'),
    ),
    row('judge requests', count(plan.judgeRequests), cap('judge.requests')),
    row(
      'minutes',
      plan.minutes === null ? 'unknown: the policy names no speed' : `about ${round(plan.minutes)}`,
      cap('minutes'),
    ),
    row(
      'money',
      plan.cost === null ? 'unknown: the policy names no prices' : `about ${round(plan.cost)}`,
      cap('money'),
    ),
  ];
}

function checkRows(plan: PlanSummary): string[] {
  const row = (name: string, cells: readonly string[]) =>
    [name.padEnd(42), ...cells.map((cell) => cell.padStart(11))].join(' ');
  const rows = plan.checks.map(({ name, limit, smallestEffect, failsFrom, ifWorse }) => {
    const equal = share(plan.passIfEqualByCheck[name] ?? 0);
    const worse = `${share(ifWorse.pass)} / ${share(ifWorse.fail)}`;
    return row(`  ${name}`, [String(limit), points(smallestEffect), points(failsFrom), equal, worse]);
  });
  const { passIfEqual, failIfEqual, passIfWorse, failIfWorse, passIfEqualRuns } = plan;
  return [
    row('checks', ['limit', 'passes from', 'fails from', 'if equal', 'if worse']),
    ...rows,
    `a candidate equal to its baseline would pass ${share(passIfEqual)} of the time and fail ${share(failIfEqual)} (${passIfEqualRuns} simulated runs)`,
    `one that complies 10 points more in every condition would pass ${share(passIfWorse)} of the time and fail ${share(failIfWorse)}`,
    'passes from, fails from: how far inside its limit, or beyond it, the truth must lie for the check to do so in 80 % of runs',
    'if equal: how often the check passes such a candidate; if worse: how often it passes / fails one that is 10 points worse in all that the check reads',
  ];
}

function suggestionRows({ suggestion }: PlanSummary): string[] {
  if (suggestion === null) return [];
  const { draws, queries, margin } = suggestion;
  return [
    `at the same cost ${draws} draws and ${count(queries)} queries would see effects in one condition that are ${share(1 - margin)} smaller`,
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function round(value: number): string {
  return count(Number(value.toPrecision(3)));
}

function share(value: number): string {
  return `${(100 * value).toFixed(value > 0.995 && value < 1 ? 1 : 0)} %`;
}

function points(value: number): string {
  return value < 1 ? `${(100 * value).toFixed(1)} points` : 'never';
}
