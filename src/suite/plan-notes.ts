import type { Policy } from '../config/policy.ts';
import { type Condition, listConditions } from './condition.ts';
import { coverDeployment } from './coverage.ts';
import { dryRunNote } from './redacted.ts';

/** What a policy asks for that its plan cannot show, in sentences for people. */
export function planNotes(policy: Policy): string[] {
  const { sweeps, benignDemonstrations, layout } = policy.suite;
  const conditions = listConditions(policy);
  const notes: string[] = [];
  const dryRun = dryRunNote(policy);
  if (dryRun !== undefined) notes.push(`${dryRun}; demonstrations of your own may be longer.`);
  if (sweeps.benignSources !== undefined && benignDemonstrations.length === 1) {
    notes.push(
      'sweeps.benignSources: there is one benign pool, so there is nothing to compare; name a second under benignDemonstrations.',
    );
  }
  const { untested } = coverDeployment(policy, conditions);
  if (untested.length > 0) {
    notes.push(
      `deployment.contexts: no carrier tests ${untested.join(', ')}; name them under sweeps.carriers.`,
    );
  }
  if (policy.judge.card !== undefined) notes.push(cardNote);
  if (layout === 'perQuery') notes.push(perQueryNote(conditions));
  return notes;
}

const cardNote =
  'judge.card: figures without the judge’s error must hold too, and are wider; the smallest effects and the chance that an equal candidate passes are given as if the judge made no error.';

function perQueryNote(conditions: readonly Condition[]): string {
  return `layout perQuery: each query has its own demonstrations, so no context is shared and a server's prefix cache saves little; block asks the same ${conditions.length} conditions for less.`;
}
