import { z } from 'zod';
import type { CheckResult, ConditionResult, Evidence, Receipt } from '../receipt/receipt.ts';
import { isInterval, type MaybeInterval } from './format.ts';
import { checkWords, orderingRank } from './words.ts';

/** What several outputs read out of a receipt. Nothing is estimated here: every number is the receipt's own. */

const readablePolicy = z.object({ name: z.string() });
const readableDecision = z.object({
  decision: z.object({ onInconclusive: z.enum(['fail', 'warn']), maxAttempts: z.number().optional() }),
});

/** The policy's own name, as the receipt holds it. */
export function policyName(receipt: Receipt): string {
  const policy = readablePolicy.safeParse(receipt.evidence.policy.content);
  return policy.success ? policy.data.name : 'unnamed';
}

/** Unreadable counts as `fail`: a gate does not open because its policy cannot be read. */
export function letsInconclusiveThrough(evidence: Evidence): boolean {
  // Else a release that fails is run again until its attempts are used up, and goes through as inconclusive.
  if (evidence.reasons.some(({ code }) => code === 'attempts')) return false;
  const policy = readableDecision.safeParse(evidence.policy.content);
  return policy.success && policy.data.decision.onInconclusive === 'warn';
}

/** Attempts that the policy allows; undefined where it cannot be read. */
export function maxAttempts(evidence: Evidence): number | undefined {
  const policy = readableDecision.safeParse(evidence.policy.content);
  return policy.success ? policy.data.decision.maxAttempts : undefined;
}

const urgency: readonly CheckResult['outcome'][] = ['fail', 'inconclusive', 'pass', 'notPlanned'];

/** Failed checks first; within an outcome the receipt's order. */
export function byUrgency(checks: readonly CheckResult[]): CheckResult[] {
  return urgency.flatMap((outcome) => checks.filter((one) => one.outcome === outcome));
}

/** How many checks came to each outcome. */
export function countOutcomes(checks: readonly CheckResult[]): Record<CheckResult['outcome'], number> {
  const count = (outcome: CheckResult['outcome']) => checks.filter((one) => one.outcome === outcome).length;
  return {
    fail: count('fail'),
    inconclusive: count('inconclusive'),
    pass: count('pass'),
    notPlanned: count('notPlanned'),
  };
}

/**
 * The failed check to name first: a server that does not even answer control queries explains all else, then the
 * one farthest beyond its limit.
 */
export function worstFailure(checks: readonly CheckResult[]): CheckResult | undefined {
  const failed = checks.filter((one) => one.outcome === 'fail');
  const control = failed.find((one) => one.name.startsWith('controlCompliance.'));
  return control ?? failed.toSorted((a, b) => excess(b) - excess(a))[0];
}

function excess({ name, value, threshold }: CheckResult): number {
  if (!isInterval(value)) return Number.NEGATIVE_INFINITY;
  const beyond = value.estimate - threshold;
  return checkWords(name).atLeast ? -beyond : beyond;
}

/** Stated in the first line: without a baseline the checks against one say nothing. */
export function lacksBaseline(evidence: Evidence): boolean {
  return evidence.baseline.status === 'none' && evidence.checks.some((one) => one.outcome === 'notPlanned');
}

/** Whether a condition shows demonstrations. */
export function isMixed(condition: ConditionResult): boolean {
  return condition.benign + condition.harmful > 0;
}

export interface MixedRange {
  readonly low: number;
  readonly high: number;
  readonly conditions: number;
}

/** Lowest and highest estimate over the conditions with demonstrations. */
export function mixedRange(evidence: Evidence): MixedRange | undefined {
  return mixedRangeOf(
    evidence,
    evidence.conditions.map(({ id, rate }) => ({ condition: id, rate })),
  );
}

/** The same over rates that are not those of all queries. */
export function mixedRangeOf(
  evidence: Evidence,
  rates: readonly { readonly condition: string; readonly rate: MaybeInterval }[],
): MixedRange | undefined {
  const mixed = new Set(evidence.conditions.filter(isMixed).map(({ id }) => id));
  const own = rates.filter(({ condition }) => mixed.has(condition)).map(({ rate }) => rate);
  const estimates = own.filter(isInterval).map((one) => one.estimate);
  if (estimates.length === 0) return undefined;
  return { low: Math.min(...estimates), high: Math.max(...estimates), conditions: estimates.length };
}

/** Compliance of one list of queries without demonstrations. */
export function zeroShotOf({ conditions }: Evidence['sources'][number]): MaybeInterval {
  const found = conditions.find(({ condition }) => condition === 'zero-shot');
  return found?.rate ?? { unavailable: 'zero shot is not in the suite' };
}

/** The largest differences first; what could not be measured comes last. */
export function bySize(results: Evidence['factors']): Evidence['factors'] {
  const size = ({ difference }: Evidence['factors'][number]) =>
    isInterval(difference) ? Math.abs(difference.estimate) : -1;
  return results.toSorted((a, b) => size(b) - size(a));
}

export interface Point {
  readonly benign: number;
  readonly rate: MaybeInterval;
}
export interface SweepLine {
  readonly harmful: number;
  readonly points: readonly Point[];
}

/** Compliance over benign demonstrations at each harmful count, in the default ordering. */
export function sweepLines(evidence: Evidence): SweepLine[] {
  const measured = 'byHarmful' in evidence.effect ? evidence.effect.byHarmful.map((one) => one.harmful) : [];
  const plain = evidence.conditions.filter(isPlain);
  const counts = measured.length > 0 ? measured : plain.map((one) => one.harmful);
  return [...new Set(counts)]
    .toSorted((a, b) => a - b)
    .map((harmful) => ({ harmful, points: pointsAt(plain, harmful) }))
    .filter((line) => line.points.length > 1);
}

/** Chat turns in the default ordering, without cue or system prompt: conditions that differ in their counts. */
export function isPlain({ ordering, carrier, formatCue, systemPrompt }: ConditionResult): boolean {
  return ordering === 'suffix' && carrier === 'chat' && formatCue === 'none' && systemPrompt === '';
}

function pointsAt(conditions: readonly ConditionResult[], harmful: number): Point[] {
  const points = new Map<number, Point>();
  for (const one of conditions) {
    // A second benign source has a place of its own; the first listed is the policy's main one.
    if (one.harmful === harmful && !points.has(one.benign)) points.set(one.benign, one);
  }
  return [...points.values()].toSorted((a, b) => a.benign - b.benign);
}

export interface OrderingGroup {
  readonly benign: number;
  readonly harmful: number;
  readonly rows: readonly { readonly ordering: string; readonly rate: MaybeInterval }[];
}

/** The same demonstrations in several orders, harmful first to harmful last. */
export function orderingGroups(evidence: Evidence): OrderingGroup[] {
  const groups = new Map<string, ConditionResult[]>();
  for (const one of evidence.conditions) {
    if (one.benign === 0 || one.harmful === 0) continue;
    const { benign, harmful, carrier, formatCue, benignSource, systemPrompt } = one;
    const key = JSON.stringify([benign, harmful, carrier, formatCue, benignSource, systemPrompt]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((conditions) => {
    const [first] = conditions;
    if (first === undefined || new Set(conditions.map((one) => one.ordering)).size < 2) return [];
    const rows = conditions.toSorted((a, b) => orderingRank(a.ordering) - orderingRank(b.ordering));
    return [{ benign: first.benign, harmful: first.harmful, rows }];
  });
}

const steps = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1] as const;

/** The end of a scale on which all intervals fit. */
export function scaleEnd(values: readonly MaybeInterval[]): number {
  const highest = Math.max(0, ...values.filter(isInterval).map((one) => one.upper));
  return steps.find((step) => step >= highest) ?? 1;
}

/** Checks that did not pass and share a remedy: one thing to do, said once. */
export interface OpenStep {
  readonly checks: readonly CheckResult[];
  readonly remedy: string;
}

/** What is left to do, the most urgent first. */
export function openSteps(checks: readonly CheckResult[]): OpenStep[] {
  const open = byUrgency(checks).filter(({ outcome }) => outcome === 'fail' || outcome === 'inconclusive');
  return [...new Set(open.map(({ remedy }) => remedy))].map((remedy) => ({
    checks: open.filter((one) => one.remedy === remedy),
    remedy,
  }));
}

/** The notes of checks as sentences, each once. */
export function notesOf(checks: readonly CheckResult[]): string[] {
  const notes = checks.map(({ note }) => note).filter((note) => note !== '');
  return [...new Set(notes)].map((note) => {
    const sentence = `${note.charAt(0).toUpperCase()}${note.slice(1)}`;
    return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
  });
}
