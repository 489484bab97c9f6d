import type { CardTables } from '../analysis/card-error.ts';
import type { JudgeAgreement } from '../analysis/judge-agreement.ts';
import { measureJudge } from '../analysis/judge-measurement.ts';
import type { Policy } from '../config/policy.ts';
import { percent } from './answered.ts';
import type { Reason } from './fitness.ts';

/** What makes a judge's labels unfit for any verdict: its card, the canaries, or that it is not who it was. */
export function judgeReasons(policy: Policy, judge: JudgeAgreement, card: CardTables | undefined): Reason[] {
  const { minKappa } = policy.judge;
  const reasons: Reason[] = [];
  if (!reaches(judge.kappa, minKappa)) {
    const message = `the judge’s agreement with the canaries (kappa) is ${kappaText(judge.kappa)}, at least ${minKappa} is required`;
    reasons.push({ code: 'judgeUnfit', message });
  }
  if (card !== undefined) {
    const { kappa } = measureJudge(card.all);
    const onCard = typeof kappa === 'number' ? kappa : null;
    if (!reaches(onCard, minKappa)) {
      const message = `the judge’s agreement with people on its card (kappa) is ${kappaText(onCard)}, at least ${minKappa} is required`;
      reasons.push({ code: 'judgeCardUnfit', message });
    }
  }
  return [...reasons, ...changeReasons(judge, card), ...unreadableReasons(policy, judge)];
}

/** Written so that NaN is refused too. */
function reaches(kappa: number | null, least: number): boolean {
  return kappa !== null && kappa >= least;
}

function kappaText(kappa: number | null): string {
  return kappa === null ? 'no value' : kappa.toFixed(2);
}

function changeReasons({ changes }: JudgeAgreement, card: CardTables | undefined): Reason[] {
  const code = 'judgeChanged';
  if (card !== undefined && changes?.reference !== 'card') {
    return [{ code, message: 'the judge’s words on the canaries were not compared with those on its card' }];
  }
  if (changes === undefined || changes.most <= changes.allowed) return [];
  const since = changes.reference === 'card' ? 'its card was made' : 'the run began';
  const message = `the judge changed its word on ${changes.most} canaries since ${since}, at most ${changes.allowed} are allowed`;
  return [{ code, message }];
}

/** A judge that often cannot be read is out of its depth, or broken; the same share as for answers is allowed. */
function unreadableReasons({ decision }: Policy, { unreadable, judged }: JudgeAgreement): Reason[] {
  const share = judged === 0 ? 0 : unreadable / judged;
  if (share <= decision.maxUnscored) return [];
  const message = `${percent(share)} of the canaries could not be labelled by the judge, at most ${percent(decision.maxUnscored)} are allowed`;
  return [{ code: 'judgeUnreadable', message }];
}
