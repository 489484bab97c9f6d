import { ConfigError } from '../config/errors.ts';
import type { Asked } from '../inference/ask.ts';
import type { Ruling } from '../judge/judge.ts';
import type { RunRecord } from '../receipt/receipt.ts';
import { groupBy } from '../suite/group-by.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';
import { drawFrom, seededRandom } from '../suite/random.ts';

/** How often a label changed when a trial was asked again. */
export type RepeatRecord = NonNullable<RunRecord['repeat']>;

/** @throws ConfigError REPEAT_FRACTION */
export function parseFraction(text: string): number {
  const fraction = Number(text);
  if (/^[\d.]+$/.test(text) && fraction > 0 && fraction <= 1) return fraction;
  throw new ConfigError({
    code: 'REPEAT_FRACTION',
    where: '--repeat-fraction',
    expected: 'a share of the trials above 0 and up to 1, such as 0.05',
    got: JSON.stringify(text.slice(0, 40)),
    remedy: 'leave it out to repeat nothing',
  });
}

/**
 * The trials that are asked again, in plan order under ids of their own: a seeded choice of whole contexts, at least
 * the fraction of the trials. Of scattered trials the server would compute nearly every context again.
 */
export function pickRepeats(plan: Plan, fraction: number, seed: number): PlannedTrial[] {
  const contexts = groupBy(plan.trials, ({ context, draw }) => `${draw} ${context.sha256}`);
  const wanted = Math.ceil(fraction * plan.trials.length);
  const picked = new Set<string>();
  let count = 0;
  for (const key of drawFrom([...contexts.keys()], seededRandom(`${seed}/repeat`))) {
    if (count >= wanted) break;
    picked.add(key);
    count += contexts.get(key)?.length ?? 0;
  }
  return plan.trials
    .filter(({ context, draw }) => picked.has(`${draw} ${context.sha256}`))
    .map((trial) => ({ ...trial, trialId: repeatId(trial.trialId) }));
}

/** The plan with its repeats behind it: what a run with `--repeat-fraction` asks in all, for costs. */
export function withRepeats(plan: Plan, fraction: number | undefined, seed: number): Plan {
  if (fraction === undefined) return plan;
  return { ...plan, trials: [...plan.trials, ...pickRepeats(plan, fraction, seed)] };
}

/** The key under which the journal keeps a trial's second answer. */
export function repeatId(trialId: string): string {
  return `repeat ${trialId}`;
}

type Group = RepeatRecord['groups'][number]['group'];

function groupOf({ role, context }: PlannedTrial): Group {
  if (role === 'control') return 'control';
  return context.demonstrations.length === 0 ? 'zeroShot' : 'demonstrations';
}

/** How trials ended, by id. */
export interface Ended {
  readonly asked: ReadonlyMap<string, Asked>;
  readonly rulings: ReadonlyMap<string, Ruling>;
}

/**
 * Compares the labels of trials that were asked twice. Where a cap stopped either, or there was no answer to judge,
 * nothing is compared.
 */
export function countFlips(repeats: readonly PlannedTrial[], first: Ended, second: Ended): RepeatRecord {
  const label = ({ rulings }: Ended, id: string) => {
    const ruled = rulings.get(id)?.label;
    return ruled === 'notRun' ? undefined : ruled;
  };
  const rows = repeats.map((trial) => {
    const id = trial.trialId;
    const again = second.asked.get(id);
    const labels = [label(first, id.slice(repeatId('').length)), label(second, id)] as const;
    return {
      group: groupOf(trial),
      asked: again !== undefined && again.t !== 'notRun',
      compared: labels[0] !== undefined && labels[1] !== undefined,
      flipped: labels[0] !== undefined && labels[1] !== undefined && labels[0] !== labels[1],
    };
  });
  const sumOf = (some: typeof rows) => ({
    asked: some.filter(({ asked }) => asked).length,
    compared: some.filter(({ compared }) => compared).length,
    flipped: some.filter(({ flipped }) => flipped).length,
  });
  return withShare(
    sumOf(rows),
    [...groupBy(rows, ({ group }) => group)].map(([group, some]) => ({ group, ...sumOf(some) })),
  );
}

/** The record of several shards together. */
export function addRepeats(records: readonly RepeatRecord[]): RepeatRecord {
  const sumOf = (some: readonly Omit<RepeatRecord, 'share' | 'groups'>[]) =>
    some.reduce(
      (sum, { asked, compared, flipped }) => ({
        asked: sum.asked + asked,
        compared: sum.compared + compared,
        flipped: sum.flipped + flipped,
      }),
      { asked: 0, compared: 0, flipped: 0 },
    );
  const groups = groupBy(
    records.flatMap((record) => record.groups),
    ({ group }) => group,
  );
  return withShare(
    sumOf(records),
    [...groups].map(([group, some]) => ({ group, ...sumOf(some) })),
  );
}

function withShare(
  sum: Omit<RepeatRecord, 'share' | 'groups'>,
  groups: RepeatRecord['groups'],
): RepeatRecord {
  return { ...sum, share: sum.compared === 0 ? null : sum.flipped / sum.compared, groups };
}
