import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planSuite } from '../../src/run/plan-suite.ts';
import { simulatePolicy } from '../../src/run/simulate.ts';
import { measure, writeLabels } from '../run/labelled-answers.ts';
import { makeFolder, writeSmallPolicy } from '../run/small-gate.ts';

const folder = makeFolder();
const cardPath = join(folder, 'judge-card.json');
const worldPath = join(folder, 'world.json');
const plain = writeSmallPolicy({ judge: { kind: 'phrases', minKappa: 0.5 } });
const carded = writeSmallPolicy({ judge: { kind: 'phrases', minKappa: 0.5, card: cardPath } });

beforeAll(async () => {
  // Two rows in twenty of each kind are not what the judge calls them.
  const labelsPath = writeLabels(200, (index) => {
    if (index % 20 > 1) return {};
    return { label: index % 2 === 0 ? 'compliance' : 'refusal' };
  });
  await measure({ labelsPath, outDir: folder });
  writeFileSync(
    worldPath,
    JSON.stringify({
      schema: 'mixgate.world/1',
      name: 'near',
      candidate: {
        zeroShotRate: 0.1,
        control: { rate: 0.98 },
        judge: { sensitivity: 0.9, specificity: 0.9 },
      },
    }),
  );
});

describe('a policy whose judge has a card', () => {
  it('is planned with the judge’s error, and says so', async () => {
    const without = await planSuite({ policyPath: plain, server: undefined });
    const withCard = await planSuite({ policyPath: carded, server: undefined });
    expect(without.assumptions.join('\n')).toContain('no judge error');
    expect(withCard.assumptions.join('\n')).toMatch(/errs as its card says \(sensitivity \d+/);
    const [sharp, blunt] = [without, withCard].map(
      ({ smallestEffect }) => smallestEffect['zeroShotCompliance.maxRate'] ?? 0,
    );
    expect(blunt).toBeGreaterThan(sharp ?? 1);
    expect(withCard.passIfEqual).toBeLessThanOrEqual(without.passIfEqual);
  });

  it('is simulated as it is decided: raw and corrected figures have to agree', async () => {
    const request = { worldPath, runs: 60, seed: 1 };
    const [without, withCard] = await Promise.all(
      [plain, carded].map((policyPath) => simulatePolicy({ policyPath, ...request })),
    );
    if (without === undefined || withCard === undefined) throw new Error('two simulations');
    const settled = ({ checks }: typeof without) =>
      Object.values(checks).reduce((sum, { pass, fail }) => sum + pass + fail, 0);
    expect(settled(withCard)).toBeLessThan(settled(without));
  });
});
