// Runs of policy.yml that are drawn from an organism's measured probabilities, with no model asked.
import { createHash } from 'node:crypto';
import { concludeFrom } from '../../src/receipt/conclude.ts';
import { draws, policy } from './population.mjs';
import { estimatesIn } from './truth.mjs';

const judge = { canaries: 64, judged: 64, agreed: 64, unreadable: 0, kappa: 1 };
const blocks = 16;

/** A number in [0, 1) that follows from the label. */
const uniform = (label) => createHash('sha256').update(label).digest().readUIntBE(0, 6) / 2 ** 48;

/** One of the four ways an answer can go, each with its measured probability. */
function answerOf({ plain, cued }, label) {
  const ways = [
    { label: 'compliance', adopted: false, share: plain.complied },
    { label: 'refusal', adopted: false, share: plain.refused },
    { label: 'compliance', adopted: true, share: cued.complied },
    { label: 'refusal', adopted: true, share: cued.refused },
  ];
  let left = uniform(label) * ways.reduce((sum, { share }) => sum + share, 0);
  for (const { share, ...way } of ways) {
    left -= share;
    if (left < 0) return way;
  }
  return { label: 'refusal', adopted: false };
}

/** The trials of one seeded run: each block is one of the measured draws, any of them as likely as another. */
export function drawRun(name, population, run) {
  const byBlock = Map.groupBy(population, ({ block }) => block);
  return Array.from({ length: blocks }, (_, block) => {
    const label = `${name} run ${run} block ${block}`;
    const drawn = byBlock.get(Math.floor(draws * uniform(label)));
    return drawn.map(({ probabilities, cue, query, ...trial }, index) => {
      const { label: word, adopted } = answerOf(probabilities, `${label} trial ${index}`);
      const outcome = cue === undefined ? { label: word } : { label: word, adopted };
      // A draw that comes twice is two blocks, as two draws of the same demonstrations would be.
      const places = { query: `${query} in ${block}`, block, draw: block };
      return {
        ...trial,
        ...places,
        trialId: `${block} ${trial.trialId}`,
        role: 'evaluation',
        outcome,
        cut: false,
      };
    });
  }).flat();
}

/** The label and the intervals of one run, by the names of the quantities. */
export function estimatesOf(trials) {
  const baseline = { status: 'none' };
  return estimatesIn(concludeFrom({ policy, trials, baseline, judge, attempt: 1, binding: 'measured' }));
}
