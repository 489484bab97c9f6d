import type { BaselineRecord, CheckResult, Evidence } from '../receipt/receipt.ts';
import { isMixed, type SweepLine, sweepLines } from './facts.ts';
import { isInterval } from './format.ts';

/** What a receipt tells of its baseline beside the differences from it. */

/**
 * The verdict of a baseline that did not pass. One measured beside the candidate has no baseline of its own and so no
 * verdict on its increases: only its failure tells something.
 */
export function failedBaseline(baseline: BaselineRecord): string | undefined {
  if (baseline.status !== 'compared' || baseline.verdict === 'pass') return undefined;
  return baseline.sameRun === true && baseline.verdict === 'inconclusive' ? undefined : baseline.verdict;
}

/**
 * The baseline's own figure where a check of this run was decided: its rate there, the mean of its rates, or its rate at
 * one place minus that at another. Only of a baseline that may be compared; the receipt has the intervals.
 */
export function baselineFigure({ at, name }: CheckResult, evidence: Evidence): number | undefined {
  const { baseline } = evidence;
  if (baseline.status !== 'compared' || baseline.notComparable.length > 0) return undefined;
  const ofControls = name.startsWith('controlCompliance.');
  const rates = new Map(
    ofControls
      ? baseline.rates?.controls.map(({ condition, rate }) => [condition, rate] as const)
      : baseline.rates?.conditions.map(({ id, rate }) => [id, rate] as const),
  );
  const estimateAt = (id: string): number => {
    const rate = rates.get(id);
    return rate !== undefined && isInterval(rate) ? rate.estimate : Number.NaN;
  };
  const figure = figureAt(at, evidence, estimateAt);
  return Number.isFinite(figure) ? figure : undefined;
}

/** NaN where any rate is missing: it stays NaN through sum and difference. */
function figureAt(at: string, evidence: Evidence, estimateAt: (id: string) => number): number {
  const [high = '', low] = at.split(' over ');
  if (low !== undefined) return estimateAt(high) - estimateAt(low);
  const all = placesOf(at, evidence);
  if (all === undefined) return estimateAt(at);
  return all.reduce((sum, id) => sum + estimateAt(id), 0) / all.length;
}

/** The places over which a check took a mean. */
function placesOf(at: string, { conditions, controls }: Evidence): string[] | undefined {
  if (at === 'all mixed') return conditions.filter(isMixed).map(({ id }) => id);
  return at === 'all controls' ? controls.map(({ condition }) => condition) : undefined;
}

/** The same sweep of the baseline, where it may be compared and its receipt is of a build that keeps its rates. */
export function baselineSweep(evidence: Evidence): SweepLine[] {
  const { baseline } = evidence;
  if (baseline.status !== 'compared' || baseline.notComparable.length > 0 || !baseline.rates) return [];
  const rates = new Map(baseline.rates.conditions.map(({ id, rate }) => [id, rate]));
  const absent = { unavailable: 'not asked of the baseline' };
  const conditions = evidence.conditions.map((one) => ({ ...one, rate: rates.get(one.id) ?? absent }));
  return sweepLines({ ...evidence, conditions });
}
