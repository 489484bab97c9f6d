import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { judgeDoubts, trainedOn } from '../../src/judge/judge-doubts.ts';

const [training = ''] = trainedOn;
const others = 'a'.repeat(64);
const builtIn = { kind: 'phrases', members: [] };
const panel = { kind: 'panel', members: ['rubric', 'phrases', 'wildguard'] };

describe('doubts about a judge', () => {
  it.each([builtIn, panel])('name the built-in judge that has no card: $kind', (judge) => {
    expect(judgeDoubts({ ...judge, labelsSha256: null }).join()).toContain('without a card of your own');
  });

  it.each([builtIn, panel])('name a card made on the rows that it was trained on: $kind', (judge) => {
    expect(judgeDoubts({ ...judge, labelsSha256: training }).join()).toContain('was trained on');
  });

  it('are none with a card on other rows, and none of other judges', () => {
    expect(judgeDoubts({ ...builtIn, labelsSha256: others })).toEqual([]);
    expect(judgeDoubts({ ...panel, labelsSha256: others })).toEqual([]);
    expect(judgeDoubts({ kind: 'wildguard', members: [], labelsSha256: null })).toEqual([]);
    expect(judgeDoubts({ kind: 'rubric', members: [], labelsSha256: training })).toEqual([]);
  });

  it('know every labels file that the training card names', () => {
    const card = z
      .object({ trainedOn: z.object({ xstest: z.object({ sha256: z.string() }) }) })
      .parse(JSON.parse(readFileSync('fixtures/judge/training-card.json', 'utf8')));
    expect([...trainedOn]).toEqual([card.trainedOn.xstest.sha256]);
  });
});
