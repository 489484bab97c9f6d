import type { Receipt } from '../receipt/receipt.ts';
import { formatQuantity } from './format.ts';

export interface BudgetRow {
  readonly name: string;
  readonly planned: string;
  readonly used: string;
  readonly cap: string;
}

/** What one row is made of: caps by the names that policies and receipts have for them. */
type Row = readonly [
  name: string,
  caps: readonly string[],
  planned: number | null | string,
  used: number | null,
];

/** Planned and used, beside the policy's caps; a cap whose use this version does not know is still listed. */
export function budgetRows({ evidence, run }: Receipt): BudgetRow[] {
  const { caps, planned, used } = evidence.budget;
  const plannedPrompts = describePlanned(run.planned?.promptTokens);
  const known: readonly Row[] = [
    ['Trials', [], planned.trials, used.trials],
    ['Requests, retries and checks included', ['requests'], planned.requests, run.requests],
    ['Prompt tokens', ['promptTokens'], plannedPrompts.sent, run.promptTokens],
    ['of these from cache', [], plannedPrompts.cached, run.cachedTokens],
    [
      'Completion tokens',
      ['completionTokens'],
      `at most ${formatQuantity(planned.completionTokens)}`,
      run.completionTokens,
    ],
    ['Judge requests', ['judgeRequests', 'judge.requests'], planned.judgeRequests, run.judgeRequests],
    ['Minutes', ['minutes'], run.planned?.minutes ?? null, run.minutes],
    ['Money', ['money'], run.planned?.money ?? null, run.money],
  ];
  const names = new Set(known.flatMap(([, keys]) => keys));
  const others = Object.entries(caps).filter(([key]) => !names.has(key));
  return [
    ...known.map(([name, keys, plan, amount]) => ({
      name,
      planned: typeof plan === 'string' ? plan : formatKnown(plan),
      used: formatKnown(amount),
      cap: formatCap(keys.map((key) => caps[key]).find((cap) => cap !== undefined)),
    })),
    ...others.map(([name, cap]) => ({ name, planned: unknown, used: unknown, cap: formatCap(cap) })),
  ];
}

/** Planned prompt tokens in words; estimates say so. */
function describePlanned(planned: NonNullable<Receipt['run']['planned']>['promptTokens'] | undefined) {
  if (planned === undefined) return { sent: unknown, cached: unknown };
  const { sent, computed, counts } = planned;
  const counted = (tokens: number) => `${counts === 'exact' ? '' : 'about '}${formatQuantity(tokens)}`;
  return { sent: counted(sent), cached: counted(sent - computed) };
}

const unknown = 'not known';

function formatKnown(amount: number | null): string {
  return amount === null ? unknown : formatQuantity(amount);
}

function formatCap(cap: number | undefined): string {
  return cap === undefined ? 'none' : formatQuantity(cap);
}
