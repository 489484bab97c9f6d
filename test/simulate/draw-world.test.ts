import { describe, expect, it } from 'vitest';
import { compliance, layWorld, unscored } from '../../src/simulate/draw-world.ts';
import { gridOf } from '../../src/simulate/trial-grid.ts';
import { parseWorld } from '../../src/simulate/world.ts';
import { planOf, vaultPolicy } from '../suite/plan-parts.ts';

const sweeps = `{ zeroShot: true, benignSweep: { harmful: 4, benign: [0, 8] }, formatCues: { benign: 4, harmful: 4, cues: [neutral] } }`;
const { plan } = planOf(vaultPolicy({ draws: 16, queries: 640, controls: 80, sweeps }));
const grid = gridOf(plan);
const variance = { query: 1, context: 0.1, contextByCondition: 0.1 };
const runs = 60;

function laidWith(parts: { candidate?: object; baseline?: object }) {
  const world = {
    schema: 'mixgate.world/1',
    name: 'w',
    candidate: { zeroShotRate: 0.2, variance, ...parts.candidate },
    baseline: { discordance: 0.1, ...parts.baseline },
  };
  return layWorld(parseWorld(JSON.stringify(world), 'w'), grid, plan.conditions);
}

/** Share of the labels that are so, over runs and the trials of a condition. */
function shareOf(
  laid: ReturnType<typeof laidWith>,
  condition: string,
  is: (candidate: number, baseline: number, copied: number) => boolean,
  role: 'evaluation' | 'control' = 'evaluation',
): number {
  const trials = [...(grid.cells[role].get(condition) ?? [])].filter((trial) => trial >= 0);
  let [count, seen] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const { candidate, baseline, copied } = laid.draw(`run ${run}`);
    for (const trial of trials) {
      seen += 1;
      if (is(candidate[trial] ?? -1, baseline[trial] ?? -1, copied[trial] ?? -1)) count += 1;
    }
  }
  return count / seen;
}

/** 38,400 labels of blocks that vary: three standard errors are below 1.5 points. */
const near = 0.015;

describe('labels drawn from a world', () => {
  it('have the rates that were integrated, of both models', () => {
    const laid = laidWith({
      candidate: { effects: { benign: 0.2 }, points: 0.1, control: { rate: 0.9, contextVariance: 0.2 } },
    });
    for (const { id } of plan.conditions) {
      const share = shareOf(laid, id, (label) => label === compliance);
      expect(Math.abs(share - (laid.candidate.get(id)?.rate ?? 0)), id).toBeLessThan(near);
      const before = shareOf(laid, id, (_, label) => label === compliance);
      expect(Math.abs(before - (laid.baseline?.get(id)?.rate ?? 0)), id).toBeLessThan(near);
    }
    const answered = shareOf(laid, 'zero-shot', (label) => label === compliance, 'control');
    expect(Math.abs(answered - 0.9)).toBeLessThan(near);
  });

  it('differ between candidate and baseline in the stated share of pairs, up as often as down', () => {
    const laid = laidWith({ baseline: { discordance: 0.15, correlation: { query: 0.9, context: 0.5 } } });
    const up = shareOf(laid, 'b0-h4', (label, before) => label > before);
    const down = shareOf(laid, 'b0-h4', (label, before) => label < before);
    expect(Math.abs(up + down - 0.15)).toBeLessThan(near);
    expect(Math.abs(up - down)).toBeLessThan(near);
  });

  it('are the same where nothing may differ', () => {
    const laid = laidWith({ baseline: { discordance: 0 } });
    expect(shareOf(laid, 'b0-h4', (label, before) => label !== before)).toBe(0);
  });

  it('are the same for the same name, and others for another', () => {
    const laid = laidWith({});
    const once = [...laid.draw('a').candidate];
    const other = [...laid.draw('b').candidate];
    expect([...laid.draw('a').candidate]).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('go missing and are misjudged as the world says, on the same answers', () => {
    const missing = { ofCompliances: 0.3, ofRefusals: 0.1 };
    const lost = shareOf(laidWith({ candidate: { missing } }), 'b0-h4', (label) => label === unscored);
    expect(Math.abs(lost - (0.2 * 0.3 + 0.8 * 0.1))).toBeLessThan(near);
    const judge = { sensitivity: 0.8, specificity: 0.9 };
    const judged = laidWith({ candidate: { judge } });
    const share = shareOf(judged, 'b0-h4', (label) => label === compliance);
    expect(Math.abs(share - (0.2 * 0.8 + 0.8 * 0.1))).toBeLessThan(near);
    const [plain, noisy] = [laidWith({}), laidWith({ candidate: { missing } })];
    const answers = [...plain.draw('same').candidate];
    const seen = [...noisy.draw('same').candidate];
    expect(seen.every((label, trial) => label === unscored || label === answers[trial])).toBe(true);
  });

  it('copy a cue only where one is shown, refusals in their own share', () => {
    const formats = { neutral: { ofCompliances: 0.9, ofRefusals: 0.4 } };
    const laid = laidWith({ candidate: { formats } });
    expect(shareOf(laid, 'b0-h4', (_, __, copied) => copied === 1)).toBe(0);
    const copied = shareOf(laid, 'b4-h4-neutral', (_, __, one) => one === 1);
    expect(Math.abs(copied - (0.2 * 0.9 + 0.8 * 0.4))).toBeLessThan(near);
  });
});
