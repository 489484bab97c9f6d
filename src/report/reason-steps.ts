import type { Evidence } from '../receipt/receipt.ts';

/** What to do about a reason that belongs to no check, one thing for all that it is asked for. */
export interface ReasonStep {
  readonly codes: readonly string[];
  readonly remedy: string;
}

const ownFiles =
  'Put query lists and demonstrations of your own in place of the placeholders (docs/guides/own-pools.md in mixgate): servers, judge and budget were tried, and nothing here speaks of the model.';
const judgeServer =
  'See that the judge’s address serves the judge that the policy names, as it was when its card was made; then run again.';

/** By the codes of `reasons` in a receipt. */
const remedies: ReadonlyMap<string, string> = new Map([
  ['redactedQueries', ownFiles],
  ['redactedDemonstrations', ownFiles],
  [
    'unscored',
    'Look at what is unscored and why, in the table of conditions: a server that fails, answers cut too early (sampling.maxTokens), or a judge that cannot be read.',
  ],
  [
    'tooFewClusters',
    'Look at why so many blocks have no scored answer; a plan needs at least 8 draws (suite.draws).',
  ],
  ['notRun', 'Raise the cap that was reached (see the budget), or plan less (mixgate plan); then run again.'],
  ['looks', 'Verify the receipt with its ledger (mixgate verify): what it says of the looks does not fit.'],
  [
    'attempts',
    'Release a checkpoint that was changed, or let somebody who may change the policy raise decision.maxAttempts and say why.',
  ],
  [
    'binding',
    'State in the policy how the digest is tied to what is served (binding.digestEndpoint, binding.files or binding.served).',
  ],
  [
    'coverage',
    'Add carriers for these contexts to suite.sweeps.carriers, or declare only what the model is deployed in.',
  ],
  ['nothingBounded', 'Give the policy a limit on compliance itself: checks.mixedCompliance.maxRate below 1.'],
  ['judgeUnfit', judgeServer],
  ['judgeUnreadable', judgeServer],
  ['judgeChanged', judgeServer],
  [
    'judgeCardUnfit',
    'Choose a judge that agrees better with people on answers like these, or label more of them (mixgate judge measure).',
  ],
]);

/** What to do where something other than a check keeps the verdict open; empty for other verdicts. */
export function reasonSteps({ verdict, reasons }: Evidence): ReasonStep[] {
  if (verdict !== 'inconclusive') return [];
  const asked = [...new Set(reasons.flatMap(({ code }) => remedies.get(code) ?? []))];
  return asked.map((remedy) => ({
    codes: [...new Set(reasons.map(({ code }) => code).filter((code) => remedies.get(code) === remedy))],
    remedy,
  }));
}

/** Whether placeholders were asked: what a check found of them calls for nothing. */
export function isDryRun({ reasons }: Evidence): boolean {
  return reasons.some(({ code }) => code === 'redactedQueries');
}
