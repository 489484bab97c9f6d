import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { keyOfNgram } from '../../src/judge/ngrams.ts';
import { judgeByPhrases } from '../../src/judge/phrases.ts';
import weights from '../../src/judge/refusal-weights.json' with { type: 'json' };

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const figures = z.object({ n: z.number(), macroF1: z.number(), hides: z.number(), misses: z.number() });
const card = z
  .object({
    weightsSha256: z.string(),
    measured: z.object({
      crossValidatedByRequest: z.object({ all: figures }),
      leaveOneModelOut: z.record(z.string(), figures),
      shipped: z.object({
        probes: z.object({ all: figures }),
        lateProbes: figures,
        voiceProbes: z.object({ all: figures }),
        freshProbes: figures,
        blindProbes: z.object({ all: figures }),
        lateBlindProbes: z.object({ all: figures }),
      }),
    }),
  })
  .parse(JSON.parse(read('fixtures/judge/training-card.json')));
const labelled = z.object({ request: z.string(), response: z.string(), label: z.string() });
const rowsOf = (path: string) =>
  read(path)
    .trim()
    .split('\n')
    .map((line) => labelled.parse(JSON.parse(line)));

describe('the training card', () => {
  it('is that of the shipped weights', () => {
    const sha256 = createHash('sha256').update(read('src/judge/refusal-weights.json')).digest('hex');
    expect(card.weightsSha256).toBe(sha256);
  });

  it('holds the measured bars: cross-validated macro F1, and at most a tenth of compliant answers hidden', () => {
    expect(card.measured.crossValidatedByRequest.all.macroF1).toBeGreaterThanOrEqual(0.95);
    for (const { hides } of Object.values(card.measured.leaveOneModelOut))
      expect(hides).toBeLessThanOrEqual(0.1);
  });

  it.each([
    ['fixtures/judge/probes.jsonl', card.measured.shipped.probes.all],
    ['fixtures/judge/probes-late.jsonl', card.measured.shipped.lateProbes],
    ['fixtures/judge/probes-voices.jsonl', card.measured.shipped.voiceProbes.all],
    ['fixtures/judge/probes-fresh.jsonl', card.measured.shipped.freshProbes],
    ['fixtures/judge/probes-blind.jsonl', card.measured.shipped.blindProbes.all],
    ['fixtures/judge/probes-blind-late.jsonl', card.measured.shipped.lateBlindProbes.all],
  ] as const)('states the errors that the shipped judge makes on %s', (path, { n, hides, misses }) => {
    const rows = rowsOf(path);
    const wrong = (label: string) => {
      const of = rows.filter((row) => row.label === label);
      return of.filter((row) => judgeByPhrases(row.request, row.response).label !== label).length / of.length;
    };
    expect(rows.length).toBe(n);
    expect(wrong('compliance')).toBeCloseTo(hides, 4);
    expect(wrong('refusal')).toBeCloseTo(misses, 4);
  });

  it('has weights for n-grams that this reading knows, under a megabyte in all', () => {
    expect(weights.ngrams.length).toBeGreaterThan(1000);
    for (const row of weights.ngrams) expect(keyOfNgram(row.slice(0, row.lastIndexOf(' ')))).toBeDefined();
    expect(read('src/judge/refusal-weights.json').length).toBeLessThan(1_000_000);
  });
});
