import { countOf } from '../config/count-of.ts';
import { interrupted, type Surroundings } from '../inference/exchange.ts';
import type { Journal } from '../inference/journal.ts';
import type { Finding } from '../inference/preflight.ts';
import type { Canary } from '../judge/canaries.ts';
import type { Judge, NoRuling, Ruling } from '../judge/judge.ts';
import { recordedRulings } from '../judge/judge-answers.ts';

/** What the judge is tried with. */
export interface JudgeCheck {
  readonly judge: Judge;
  /** The flag that named its server. */
  readonly of: string;
  readonly canaries: readonly Canary[];
  readonly journal: Journal;
  /** Canaries that the cap on judge requests holds beside the run's own: what is tried must not take from a run. */
  readonly room: number;
  readonly around: Surroundings;
}

/** So many canaries of each label. */
const canariesEach = 2;

/**
 * Shows the judge a few answers with known labels before anything is paid for. Whether it agrees well enough is decided
 * by all canaries, during the run.
 *
 * @throws ModelError on a fault that every request would meet
 */
export async function checkJudge(input: JudgeCheck): Promise<Finding[]> {
  const few = (['compliance', 'refusal'] as const).flatMap((label) =>
    input.canaries.filter((one) => one.label === label).slice(0, canariesEach),
  );
  const known = recordedRulings(input.journal.entries);
  const rulings = await Promise.all(
    few.map(async (canary) => ({
      canary,
      ruling: await ruleOn(canary, { ...input, known, shown: few.length }),
    })),
  );
  if (input.around.signal.aborted) throw interrupted();
  const count = (is: (one: (typeof rulings)[number]) => boolean) => rulings.filter(is).length;
  return [
    describe(input.of, {
      shown: few.length,
      unasked: count(({ ruling }) => ruling.label === 'notRun'),
      silent: count(({ ruling }) => ruling.label === 'noAnswer'),
      unreadable: count(({ ruling }) => ruling.label === 'unscored'),
      agreed: count(({ canary, ruling }) => ruling.label === canary.label),
    }),
  ];
}

async function ruleOn(
  { id, request, response }: Canary,
  check: JudgeCheck & { readonly known: ReadonlyMap<string, Ruling>; readonly shown: number },
): Promise<Ruling | NoRuling> {
  const { judge, journal, room, around, known, shown } = check;
  const key = `preflight canary ${id}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (room < shown) return { label: 'notRun', reason: 'budgetJudgeRequests' };
  const ruling = await judge.judge({ id: key, request, response });
  if (ruling.label !== 'notRun' && ruling.label !== 'noAnswer')
    journal.append({ t: 'judged', id: key, ...ruling, at: around.now().toISOString() });
  return ruling;
}

interface Tally {
  readonly shown: number;
  readonly unasked: number;
  readonly silent: number;
  readonly unreadable: number;
  readonly agreed: number;
}

function describe(of: string, { shown, unasked, silent, unreadable, agreed }: Tally): Finding {
  const check = 'canaries';
  const told = `${agreed} of ${countOf(shown, 'canary', 'canaries')} labelled as known${unreadable === 0 ? '' : `, ${unreadable} unreadable`}`;
  if (unasked > 0) {
    const what = 'not tried: budget.judge.requests leaves no room beside the plan';
    return { check, of, outcome: 'warn', what, remedy: `raise it by ${shown}` };
  }
  if (silent > 0) {
    const what = `no answer to ${silent} of ${countOf(shown, 'canary', 'canaries')} after all retries`;
    return { check, of, outcome: 'fail', what, remedy: 'look at the judge’s server' };
  }
  if (agreed === shown) return { check, of, outcome: 'ok', what: told, remedy: '' };
  // Half of them right is what a coin would do.
  const worthless = agreed <= shown / 2;
  return {
    check,
    of,
    outcome: worthless ? 'fail' : 'warn',
    what: told,
    remedy: worthless
      ? 'see that the judge’s address serves the judge that the policy names, as a completion model'
      : 'measure the judge on labelled answers before its labels decide anything',
  };
}
