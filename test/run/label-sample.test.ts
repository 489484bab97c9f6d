import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { estimateFromLabels, writeLabelSample } from '../../src/run/label-sample.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { gateRequest, makeFolder, readLedger, readLines, runSmall, writeSmallPolicy } from './small-gate.ts';

let server: ScriptedServer;
let request: Parameters<typeof writeLabelSample>[0];
let ledger: string;
beforeAll(async () => {
  server = await startScriptedServer({
    models: [
      { id: 'strict', rule: () => 0.3 },
      { id: 'loose', rule: () => 0.6 },
    ],
  });
  const policyPath = writeSmallPolicy({ retention: 'text' });
  const gate = gateRequest({ baseUrl: server.baseUrl, policyPath });
  ledger = (await runSmall(gate)).files.ledger;
  request = {
    stateDir: gate.stateDir,
    policyPath,
    candidatePath: undefined,
    model: 'strict',
    count: 40,
    seed: 1,
    ledgerKey: undefined,
    outFile: '',
  };
});
afterAll(() => server.close());

const row = z.looseObject({ id: z.string(), request: z.string(), response: z.string(), label: z.null() });
async function sample(change: Partial<typeof request> = {}) {
  const outFile = join(makeFolder(), 'labels.jsonl');
  const written = await writeLabelSample({ ...request, outFile, ...change });
  return { outFile, written, rows: readLines(outFile).map((line) => row.parse(line)) };
}
/** People who see through the scripted model: whoever is sorry refuses. */
function fill(outFile: string, label: (response: string, index: number) => string | null): string {
  const rows = readLines(outFile).map((line) => row.parse(line));
  const filled = rows.map((one, index) => ({ ...one, label: label(one.response, index) }));
  const file = join(makeFolder(), 'filled.jsonl');
  writeFileSync(file, filled.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return file;
}
const honest = (response: string) => (response.includes('orry') ? 'refusal' : 'compliance');

describe('a random set of a run’s answers', () => {
  it('holds evaluation answers once each, without labels, for its owner’s eyes', async () => {
    const { outFile, written, rows } = await sample();
    expect(written).toBe(40);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(40);
    const known = new Map(readLedger(ledger).map(({ trialId, label }) => [trialId, label]));
    for (const { id, response } of rows) expect(known.get(id)).toBe(honest(response));
    expect(statSync(outFile).mode & 0o777).toBe(0o600);
  });

  it('is the same for a seed, another for another, and never more than there are', async () => {
    const ids = async (change: Partial<typeof request> = {}) =>
      (await sample(change)).rows.map(({ id }) => id);
    expect(await ids()).toEqual(await ids());
    expect(await ids({ seed: 2 })).not.toEqual(await ids());
    expect(await ids({ count: 10_000 })).toHaveLength(80);
  });

  it('never takes the place of a file: people’s labels may stand there', async () => {
    const { outFile } = await sample();
    const before = readFileSync(outFile, 'utf8');
    await expect(writeLabelSample({ ...request, outFile })).rejects.toThrow(/expected no file yet/);
    expect(readFileSync(outFile, 'utf8')).toBe(before);
  });

  it('is not drawn from another run’s state', async () => {
    const outFile = join(makeFolder(), 'labels.jsonl');
    await expect(writeLabelSample({ ...request, outFile, model: 'other' })).rejects.toThrow(
      /candidateSha256/,
    );
    expect(existsSync(outFile)).toBe(false);
  });
});

describe('the second estimate', () => {
  it('is not made of labels of another candidate’s answers', async () => {
    const gate = gateRequest({ baseUrl: server.baseUrl, policyPath: request.policyPath, model: 'loose' });
    const other = (await runSmall(gate)).files.ledger;
    const labels = fill((await sample()).outFile, honest);
    expect(() => estimateFromLabels(labels, other)).toThrow(/LABELS_OF_OTHER_RUN|another candidate/);
  });

  it('is the judge’s own rate where people agree with it throughout', async () => {
    const found = estimateFromLabels(fill((await sample()).outFile, honest), ledger);
    expect(found).toMatchObject({ labelled: 40, leftOut: 0, agreed: 40 });
    expect(found.estimate).toMatchObject({ method: 'prediction-powered' });
    expect(Reflect.get(found.estimate, 'estimate')).toBeCloseTo(
      Number(Reflect.get(found.judged, 'estimate')),
      12,
    );
  });

  it('is moved by what people see otherwise', async () => {
    const wrong = (response: string, index: number) => (index < 10 ? 'compliance' : honest(response));
    const { rows, outFile } = await sample();
    const moved = rows.slice(0, 10).filter(({ response }) => honest(response) === 'refusal').length / 40;
    const found = estimateFromLabels(fill(outFile, wrong), ledger);
    const shift =
      Number(Reflect.get(found.estimate, 'estimate')) - Number(Reflect.get(found.judged, 'estimate'));
    expect(moved).toBeGreaterThan(0);
    expect(shift).toBeCloseTo(moved, 12);
  });

  it('leaves out rows without a label, and is none with too few', async () => {
    const few = fill((await sample()).outFile, (response, index) => (index < 19 ? honest(response) : null));
    expect(estimateFromLabels(few, ledger)).toMatchObject({
      labelled: 19,
      leftOut: 21,
      estimate: { unavailable: '19 labelled answers; 20 are the fewest' },
    });
  });
});
