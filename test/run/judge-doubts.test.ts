import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/config/log.ts';
import type { JudgeCard } from '../../src/judge/judge-card.ts';
import { trainedOn } from '../../src/judge/judge-doubts.ts';
import { planSuite } from '../../src/run/plan-suite.ts';
import { runGate } from '../../src/run/run-gate.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { measure, writeLabels } from './labelled-answers.ts';
import { gateRequest, makeFolder, writeSmallPolicy } from './small-gate.ts';

let server: ScriptedServer;
const folder = makeFolder();
const cards = { own: join(folder, 'judge-card.json'), training: join(folder, 'training.json') };
beforeAll(async () => {
  server = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.03 }] });
  await measure({ labelsPath: writeLabels(160), outDir: folder });
  const card: JudgeCard = JSON.parse(readFileSync(cards.own, 'utf8'));
  const [sha256] = trainedOn;
  writeFileSync(cards.training, JSON.stringify({ ...card, labels: { ...card.labels, sha256 } }));
});
afterAll(() => server.close());

/** What a run and its plan warn of, and what the receipt leaves open, under a policy whose judge is the built-in one. */
async function told(judge: { readonly card?: string }) {
  const policyPath = writeSmallPolicy({ judge: { kind: 'phrases', minKappa: 0.5, ...judge } });
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (text: string) => warnings.push(text) };
  const { signal } = new AbortController();
  const request = gateRequest({ policyPath, baseUrl: server.baseUrl });
  const { receipt } = await runGate(request, { now: () => new Date(), log, signal });
  const plan = await planSuite({ policyPath, server: undefined });
  return {
    run: warnings.join('\n'),
    plan: plan.warnings.join('\n'),
    limits: receipt.evidence.limits.join('\n'),
  };
}

const bare = 'without a card of your own';
const flattered = 'made on the rows that the built-in judge was trained on';

describe('the built-in judge that decides', () => {
  it('without a card is named by plan and run, and the receipt says that there is none', async () => {
    const { run, plan, limits } = await told({});
    expect(run).toContain(bare);
    expect(plan).toContain(bare);
    expect(limits).toContain('The judge (phrases) has no card');
  });

  it('with a card made on its own training rows is named by plan, run and receipt', async () => {
    const { run, plan, limits } = await told({ card: cards.training });
    for (const text of [run, plan, limits]) expect(text).toContain(flattered);
  });

  it('with a card on other rows is not doubted', async () => {
    const { run, plan, limits } = await told({ card: cards.own });
    for (const text of [run, plan, limits]) {
      expect(text).not.toContain(bare);
      expect(text).not.toContain(flattered);
    }
  });
});
