import { z } from 'zod';
import { clopperPearsonInterval } from '../../../src/analysis/clopper-pearson.ts';
import { mcnemar } from '../../../src/analysis/mcnemar.ts';
import { newcombeInterval, pairedPhi } from '../../../src/analysis/newcombe-interval.ts';
import { tangoInterval } from '../../../src/analysis/tango-interval.ts';
import { wilsonInterval } from '../../../src/analysis/wilson-interval.ts';
import { given, limits, type Topic } from '../case.ts';
import { NotAvailable } from '../compare.ts';

const count = z.number().int().nonnegative();
const single = z.strictObject({ successes: count, n: count, confidence: z.number() });
const discordant = z.strictObject({ candidate_only: count, baseline_only: count });
const paired = z.strictObject({
  both_complied: count,
  candidate_only: count,
  baseline_only: count,
  neither: count,
  confidence: z.number(),
});

export const proportions: Topic = (reference) => {
  if ('successes' in reference.input) return ofOne(reference);
  return 'both_complied' in reference.input ? ofPairs(reference) : ofDiscordant(reference);
};

const ofOne: Topic = ({ input }) => {
  const { successes, n: trials, confidence: level } = single.parse(input);
  const wilson = wilsonInterval({ successes, trials, level });
  return (field) =>
    ({
      status: trials === 0 ? 'no_data' : 'ok',
      estimate: given(wilson, ({ estimate }) => estimate),
      wilson: limits(wilson),
      clopper_pearson: limits(clopperPearsonInterval({ successes, trials, level })),
    })[field];
};

const ofPairs: Topic = ({ input }) => {
  const {
    both_complied: both,
    candidate_only,
    baseline_only,
    neither,
    confidence: level,
  } = paired.parse(input);
  const counts = { both, candidateOnly: candidate_only, baselineOnly: baseline_only, neither };
  const tango = tangoInterval({ ...counts, level });
  return (field) =>
    ({
      status: 'unavailable' in tango ? 'no_data' : 'ok',
      difference: given(tango, ({ estimate }) => estimate),
      newcombe10: limits(newcombeInterval({ ...counts, level })),
      newcombe_phi: 'unavailable' in tango ? new NotAvailable(tango.unavailable) : pairedPhi(counts),
      tango: limits(tango),
    })[field];
};

const ofDiscordant: Topic = ({ input }) => {
  const { candidate_only: candidateOnly, baseline_only: baselineOnly } = discordant.parse(input);
  const { exactP, midP, asymptotic } = mcnemar({ candidateOnly, baselineOnly });
  const degenerate = 'unavailable' in asymptotic;
  const none = new NotAvailable('no discordant pairs');
  return (field) =>
    ({
      exact_p: exactP,
      mid_p: midP,
      chi2: degenerate ? none : asymptotic.chiSquare,
      asymptotic_p: degenerate ? none : asymptotic.pValue,
      degenerate,
    })[field];
};
