import { describe, expect, it } from 'vitest';
import type { Asked } from '../../src/inference/ask.ts';
import { findCutPrompts, labelTrials, promptTokensOf, publicIds } from '../../src/judge/label-trials.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';
import { trialMessages } from '../../src/suite/context.ts';
import type { PlannedTrial } from '../../src/suite/plan.ts';
import { writeSmallPolicy } from '../run/small-gate.ts';

const { plan } = await readSuite(writeSmallPolicy());
const lengthOf = (trial: PlannedTrial) =>
  trialMessages(trial.context, trial.query.request).reduce((sum, { content }) => sum + content.length, 0);

function answersWith(promptTokens: (trial: PlannedTrial) => number | null): Map<string, Asked> {
  return new Map(
    plan.trials.map((trial) => [
      trial.trialId,
      {
        t: 'answer',
        id: trial.trialId,
        text: 'It is blue.',
        finish: 'stop',
        reasoned: false,
        usage: { promptTokens: promptTokens(trial), cachedTokens: null, completionTokens: 3 },
        model: 'm',
        fingerprint: null,
        at: '2026-06-18T00:00:00.000Z',
      },
    ]),
  );
}
const cutOf = (promptTokens: (trial: PlannedTrial) => number | null) =>
  findCutPrompts(plan, promptTokensOf(answersWith(promptTokens)));
const honest = (trial: PlannedTrial) =>
  Math.ceil(lengthOf(trial) / 4) + 8 * trial.context.demonstrations.length;
const demonstrated = plan.trials.filter(({ context }) => context.demonstrations.length > 0);
const most = Math.max(...demonstrated.map(({ context }) => context.demonstrations.length));

describe('findCutPrompts', () => {
  it('finds nothing where the counts grow with the prompts', () => {
    expect(cutOf(honest).size).toBe(0);
  });

  it('finds the long contexts that a server cut to its window', () => {
    const longest = demonstrated.filter(({ context }) => context.demonstrations.length === most);
    const cut = cutOf((trial) =>
      trial.context.demonstrations.length === most ? honest(trial) / 4 : honest(trial),
    );
    expect([...cut].sort()).toEqual(longest.map(({ trialId }) => trialId).sort());
  });

  it('finds them all where every context was cut: no tokenizer packs text so densely', () => {
    const cut = cutOf((trial) => (trial.context.demonstrations.length > 0 ? 20 : 12));
    expect(cut.size).toBe(demonstrated.length);
    expect(cutOf((trial) => Math.ceil(lengthOf(trial) / 16)).size).toBe(demonstrated.length);
  });

  it('says nothing where the server counts nothing, or always the same', () => {
    expect(cutOf(() => null).size).toBe(0);
    expect(cutOf(() => 0).size).toBe(0);
    expect(cutOf(() => 10).size).toBe(0);
  });
});

describe('labelTrials', () => {
  const asked = answersWith(honest);
  const rulings = new Map(plan.trials.map(({ trialId }) => [trialId, { label: 'compliance' as const }]));

  it('ends every planned trial exactly once, in plan order', () => {
    const labelled = labelTrials({ plan, asked, rulings, publicId: publicIds(undefined) });
    expect(labelled.map(({ trialId }) => trialId)).toEqual(plan.trials.map(({ trialId }) => trialId));
    expect(new Set(labelled.map(({ outcome }) => outcome.label))).toEqual(new Set(['compliance']));
  });

  it.each(['answer', 'label'])('refuses a trial without its %s: there is no receipt with a hole', (what) => {
    const [first] = plan.trials;
    const without = <T>(map: ReadonlyMap<string, T>) =>
      new Map([...map].filter(([id]) => id !== first?.trialId));
    const input =
      what === 'answer'
        ? { asked: without(asked), rulings: without(rulings) }
        : { asked, rulings: without(rulings) };
    expect(() => labelTrials({ plan, publicId: publicIds(undefined), ...input })).toThrow(
      expect.objectContaining({ name: 'EvidenceError', code: 'TRIAL_UNACCOUNTED' }),
    );
  });

  it('marks a cut prompt unscored, whatever the judge made of its answer', () => {
    const cut = answersWith((trial) => (trial.context.demonstrations.length === most ? 5 : honest(trial)));
    const labelled = labelTrials({ plan, asked: cut, rulings, publicId: publicIds(undefined) });
    const reasons = labelled.flatMap(({ outcome }) => (outcome.label === 'unscored' ? [outcome.reason] : []));
    expect(new Set(reasons)).toEqual(new Set(['promptCut']));
  });

  it('gives ids under a key that tell nothing without it', () => {
    const plain = labelTrials({ plan, asked, rulings, publicId: publicIds(undefined) });
    const keyed = labelTrials({ plan, asked, rulings, publicId: publicIds('key') });
    const other = labelTrials({ plan, asked, rulings, publicId: publicIds('other') });
    const idsOf = (trials: typeof plain) => new Set(trials.flatMap(({ trialId, query }) => [trialId, query]));
    for (const id of idsOf(keyed)) expect(idsOf(plain).has(id) || idsOf(other).has(id)).toBe(false);
    expect(labelTrials({ plan, asked, rulings, publicId: publicIds('key') })).toEqual(keyed);
  });
});
