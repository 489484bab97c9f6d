import { planLooks } from '../gate/looks.ts';
import { stoppedBy, type TakenLooks } from '../gate/take-looks.ts';
import { type Asked, type AskResult, joinAnswers } from '../inference/ask.ts';
import type { CanaryMoment } from '../judge/canaries.ts';
import type { Ruling } from '../judge/judge.ts';
import type { JudgeResult } from '../judge/judge-answers.ts';
import { type NotRunReason, reasonOfLook } from '../suite/outcome.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';

/** What a run has so far: how its trials ended, and what the judge made of them. */
export interface Progress {
  readonly asked: ReadonlyMap<string, Asked>;
  readonly rulings: ReadonlyMap<string, Ruling>;
}

/** A run that has gone through its looks. */
export interface LookedRun {
  readonly answers: AskResult;
  readonly judged: JudgeResult;
}

/**
 * Asks and judges up to each planned look, takes the look, and goes on with the trials that it still needs; those that
 * it does not are recorded with the look that stopped them. Between two looks trials run as the schedule likes. A
 * spent budget ends the asking: what is left was not run for that cap.
 *
 * @param input.lookAt the looks up to this one at what has ended; not asked for at the last look, which stops nothing
 */
export async function runInLooks(input: {
  readonly plan: Plan;
  readonly looks: number;
  readonly ask: (trials: readonly PlannedTrial[]) => Promise<AskResult>;
  readonly judge: (
    progress: Progress | undefined,
    asked: ReadonlyMap<string, Asked>,
    moments: readonly CanaryMoment[],
  ) => Promise<JudgeResult>;
  readonly lookAt: (look: number, trials: readonly PlannedTrial[], progress: Progress) => TakenLooks;
}): Promise<LookedRun> {
  const { trials } = input.plan;
  const { ends, lookOf } = planLooks(trials, input.looks);
  const asked = new Map<string, Asked>();
  const ended: PlannedTrial[] = [];
  let answers: AskResult | undefined;
  let judged: JudgeResult | undefined;
  let taken: TakenLooks | undefined;
  let spent: NotRunReason | undefined;
  let finished = false;
  const judge = (isLast: boolean) =>
    input.judge(progressOf(asked, judged), asked, momentsOf({ isFirst: judged === undefined, isLast }));
  for (let look = 1; look <= ends.length; look += 1) {
    const own = trials.filter((one) => lookOf(one) === look);
    const due = dueAt(own, { taken, spent }, asked);
    if (due.length === 0) continue;
    const result = await input.ask(due);
    const cap = noteOutcomes(due, result, asked);
    spent ??= cap;
    answers = joinAnswers(answers, result);
    // Not `push(...due)`: a call may have fewer arguments than a run has trials.
    for (const trial of due) ended.push(trial);
    finished = look === ends.length || spent !== undefined;
    judged = await judge(finished);
    const { rulings } = judged;
    if (!finished) taken = input.lookAt(look, ended, { asked, rulings });
  }
  // A look has ended the run: the judge has yet to show that it still judges as it did.
  if (!finished || judged === undefined) judged = await judge(true);
  if (answers === undefined) throw new RangeError('runInLooks: expected trials in the plan, got none');
  return { answers: { ...answers, asked }, judged };
}

/** The trials of a look that are still asked; of the others it is recorded what stopped them. */
function dueAt(
  trials: readonly PlannedTrial[],
  { taken, spent }: { readonly taken: TakenLooks | undefined; readonly spent: NotRunReason | undefined },
  asked: Map<string, Asked>,
): PlannedTrial[] {
  return trials.filter((trial) => {
    const stopped = taken && stoppedBy(trial, taken);
    const reason = stopped === undefined ? spent : reasonOfLook(stopped);
    if (reason !== undefined) asked.set(trial.trialId, { t: 'notRun', reason });
    return reason === undefined;
  });
}

/** @returns the cap that left one of them undone, if any did */
function noteOutcomes(
  due: readonly PlannedTrial[],
  result: AskResult,
  asked: Map<string, Asked>,
): NotRunReason | undefined {
  let spent: NotRunReason | undefined;
  for (const { trialId } of due) {
    const outcome = result.asked.get(trialId);
    if (outcome === undefined) continue;
    asked.set(trialId, outcome);
    if (outcome.t === 'notRun') spent ??= outcome.reason;
  }
  return spent;
}

/** The canaries are judged before and between the answers of the first part, and after those of the last. */
function momentsOf(part: { readonly isFirst: boolean; readonly isLast: boolean }): CanaryMoment[] {
  return [
    ...(part.isFirst ? (['before', 'between'] as const) : []),
    ...(part.isLast ? (['after'] as const) : []),
  ];
}

function progressOf(
  asked: ReadonlyMap<string, Asked>,
  judged: JudgeResult | undefined,
): Progress | undefined {
  return judged === undefined ? undefined : { asked, rulings: judged.rulings };
}
