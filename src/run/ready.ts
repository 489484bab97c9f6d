import { ModelError } from '../config/errors.ts';
import type { Log } from '../config/log.ts';
import type { Policy } from '../config/policy.ts';
import type { Surroundings } from '../inference/exchange.ts';
import type { Journal } from '../inference/journal.ts';
import type { JournalEntry } from '../inference/journal-entry.ts';
import { type Finding, readiness } from '../inference/preflight.ts';
import type { Canary } from '../judge/canaries.ts';
import type { Judge } from '../judge/judge.ts';
import type { PlanCost } from '../suite/cost.ts';
import type { Plan } from '../suite/plan.ts';
import { judgeRoomBeside, roomBeside } from './plan-cost.ts';
import { checkCandidate } from './preflight.ts';
import { checkJudge } from './preflight-judge.ts';
import type { Servers } from './servers.ts';
import type { RunState } from './state.ts';

/** What a run that is about to ask its first trial knows. */
export interface Start {
  readonly plan: Plan;
  readonly policy: Policy;
  readonly canaries: readonly Canary[];
  readonly servers: Servers;
  readonly judge: Judge;
  readonly cost: PlanCost;
  readonly state: RunState;
  readonly around: Surroundings;
  readonly log: Log;
}

/**
 * Tries the servers before the first trial, out of the run's own budget and into its journal, and tells what might go
 * wrong. A run that is gone on with asks only what it does not know yet; but what an earlier session found in the way
 * may have been mended since, so it stops nothing before it was looked at again.
 *
 * @returns the candidate's requests, those of earlier sessions included
 * @throws ModelError PREFLIGHT with every finding that stands in the way
 */
export async function requireReadyServers(start: Start): Promise<number> {
  const { journal, count } = countChecks(start.state.journal);
  const known = await tryServers(start, journal);
  const again = journal.entries.some(isChecked) && known.some(({ outcome }) => outcome === 'fail');
  const findings = again ? await tryServers(start, { ...journal, entries: [] }) : known;
  for (const { outcome, of, what, remedy } of findings) {
    const told = `${of}: ${what}${remedy === '' ? '' : ` (${remedy})`}`;
    if (outcome === 'warn') start.log.warn(told);
    else if (outcome === 'note') start.log.info(told);
  }
  requireReady(findings);
  return count();
}

/** @param journal what is known already stands in its entries; what is learned is appended */
async function tryServers(start: Start, journal: Journal): Promise<Finding[]> {
  const { servers, policy, cost, state, around } = start;
  const [judge] = servers.judges;
  const findings = await checkCandidate({
    ...start,
    budget: state.budget,
    journal,
    takeRoom: roomBeside(policy, cost),
    longestPrompt: { tokens: cost.longestPrompt, exact: cost.tokenCounts === 'exact' },
  });
  if (judge !== undefined) {
    const of = judge.client.endpoint.namedBy;
    findings.push(
      ...(await checkJudge({
        judge: start.judge,
        of,
        canaries: start.canaries,
        journal,
        room: judgeRoomBeside(policy, cost),
        around,
      })),
    );
  }
  return findings;
}

const isChecked = ({ t }: JournalEntry) => t === 'checked';

function countChecks(journal: Journal): { journal: Journal; count: () => number } {
  let checks = journal.entries.filter(isChecked).length;
  const append: Journal['append'] = (entry) => {
    if (entry.t === 'checked') checks += 1;
    journal.append(entry);
  };
  return { journal: { ...journal, append }, count: () => checks };
}

/**
 * Stops a run whose servers are not ready for it.
 *
 * @throws ModelError PREFLIGHT with every finding that failed
 */
function requireReady(findings: readonly Finding[]): void {
  const complaints = findings
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ check, of, what, remedy }) => ({
      code: 'PREFLIGHT',
      where: `${of} (${check})`,
      expected: readiness[check].expected,
      got: what,
      remedy,
    }));
  const [first, ...others] = complaints;
  if (first !== undefined) throw new ModelError(first, { others });
}
