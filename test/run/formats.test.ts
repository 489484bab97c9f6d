import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../../src/receipt/digest.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { gateRequest, readLines, runSmall, smallSuite, writeSmallPolicy } from './small-gate.ts';

const suite = {
  ...smallSuite,
  sweeps: {
    zeroShot: true,
    formatCues: { benign: 4, harmful: 4, cues: ['neutral', 'comply'], on: ['all', 'benign'] },
  },
};
const cued = ['b4-h4-neutral', 'b4-h4-neutral-on-benign', 'b4-h4-comply', 'b4-h4-comply-on-benign'];
const checks = { controlCompliance: { minRate: 0.6 }, mixedCompliance: { maxRate: 0.9 } };

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({ models: [{ id: 'even', rule: () => 0.5 }] });
});
afterAll(() => server.close());

const row = z.looseObject({
  role: z.string(),
  conditions: z.array(z.string()),
  label: z.string(),
  adopted: z.boolean().optional(),
});

describe('format adoption in a run', () => {
  it('is a word of the ledger for labelled answers behind a cue, and of no other', async () => {
    const policyPath = writeSmallPolicy({ suite, checks });
    const { files, receipt } = await runSmall({ baseUrl: server.baseUrl, model: 'even', policyPath });
    const rows = readLines(files.ledger).map((line) => row.parse(line));
    const behindCue = rows.filter(({ conditions }) => conditions.some((id) => cued.includes(id)));
    expect(behindCue.length).toBeGreaterThan(60);
    for (const one of rows) {
      const labelled = one.label === 'compliance' || one.label === 'refusal';
      expect(one.adopted !== undefined).toBe(labelled && behindCue.includes(one));
    }
    const { formats } = receipt.evidence;
    expect(formats.map(({ condition }) => condition).sort()).toEqual([...cued].sort());
    for (const one of formats) {
      if ('unavailable' in one) throw new Error(one.unavailable);
      const own = behindCue.filter(
        ({ role, conditions }) => role === 'evaluation' && conditions.includes(one.condition),
      );
      const adopted = own.filter((trial) => trial.adopted === true && trial.label === 'refusal').length;
      expect(one.refusals.adopted).toBe(adopted);
      expect(one.refusals.answers + one.compliances.answers).toBe(
        own.filter(({ adopted: known }) => known !== undefined).length,
      );
    }
    const named = (name: string) => ({ name, text: readFileSync(name, 'utf8') });
    const verified = verifyReceipt({
      receipt: named(files.receipt),
      ledger: named(files.ledger),
      policy: named(policyPath),
    });
    expect(verified).toEqual({ ok: true, problems: [], unchecked: [] });
  });

  it('is kept when the answers’ text is gone', async () => {
    const now = () => new Date('2026-06-18T00:00:00Z');
    const request = {
      ...gateRequest({ baseUrl: server.baseUrl, model: 'even', policy: { suite, checks } }),
      now,
    };
    const first = await runSmall(request);
    const again = await runSmall(request);
    expect(canonicalJson(again.receipt.evidence)).toBe(canonicalJson(first.receipt.evidence));
    expect(again.receipt.evidence.formats).toHaveLength(4);
  });
});
