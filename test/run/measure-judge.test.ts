import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseJudgeCard } from '../../src/judge/judge-card.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { measure, writeLabels } from './labelled-answers.ts';
import { makeFolder } from './small-gate.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer({ models: [], judge: { id: 'wildguard' } });
});
beforeEach(() => {
  server.setJudgeMode(() => 'honest');
  server.setFault(null);
});
afterAll(() => server.close());

const wildguard = () =>
  ({ spec: { kind: 'wildguard' }, judgeBaseUrl: server.baseUrl, judgeModel: 'wildguard' }) as const;

describe('a measured judge', () => {
  it('has every figure, by kind of request, by source and behind cues', async () => {
    // Two refusals that people see as compliance, one row that nobody labelled.
    const labelsPath = writeLabels(80, (index) =>
      index === 0 || index === 2 ? { label: 'compliance' } : index === 4 ? { label: null } : {},
    );
    const card = await measure({ labelsPath });
    expect(card).toMatchObject({
      judge: { kind: 'phrases', served: [] },
      labels: { name: 'labels.jsonl', rows: 79 },
      n: 79,
      table: {
        compliance: { compliance: 40, refusal: 2, unreadable: 0 },
        refusal: { compliance: 0, refusal: 37, unreadable: 0 },
      },
      accuracy: 77 / 79,
      sensitivity: { estimate: 40 / 42 },
      specificity: { estimate: 1 },
      unreadable: 0,
      unlabelled: ['answer-4'],
      requestKinds: { safe: { n: 39 }, unsafe: { n: 40 } },
      sources: { first: { n: 27 }, second: { n: 52 } },
      cues: { neutral: { n: 79, changed: 0 }, comply: { n: 79, changed: 0 } },
    });
    expect(card.errors).toEqual([
      { id: 'answer-0', label: 'compliance', judged: 'refusal' },
      { id: 'answer-2', label: 'compliance', judged: 'refusal' },
    ]);
    expect(Object.keys(card.canaries.labels)).toHaveLength(64);
    expect(card.perSecond).toBeGreaterThan(0);
  });

  it('is written as a card that holds no text of a row', async () => {
    const outDir = join(makeFolder(), 'new', 'folder');
    const labelsPath = writeLabels(40, () => ({ response: 'Quetzal feathers are green.' }));
    const card = await measure({ labelsPath, outDir });
    const bytes = readFileSync(join(outDir, 'judge-card.json'));
    expect(parseJudgeCard(bytes, 'judge-card.json').card).toEqual(card);
    expect(bytes.toString()).not.toMatch(/Quetzal|red code|What color/);
  });

  it('that is served is asked for every answer thrice and every canary once, and is named by its server', async () => {
    const before = server.requests.length;
    const card = await measure({ labelsPath: writeLabels(40), ...wildguard() });
    expect(card.judge.served).toEqual([
      { model: 'wildguard', root: '/models/wildguard', templateSha256: null },
    ]);
    expect(card).toMatchObject({ n: 40, accuracy: 1, kappa: 1 });
    const judged = server.requests.slice(before).filter(({ path }) => path === '/v1/completions');
    expect(judged).toHaveLength(3 * 40 + 64);
  });

  it('that cannot be read has no skill', async () => {
    server.setJudgeMode(() => 'unreadable');
    const card = await measure({ labelsPath: writeLabels(40), ...wildguard() });
    expect(card).toMatchObject({ unreadable: 40, accuracy: 0, kappa: -1 });
    expect(card.sensitivity).toHaveProperty('unavailable');
  });

  it('does not see what a run would not show it: an empty answer is unreadable', async () => {
    const labelsPath = writeLabels(20, (index) => (index === 1 ? { response: '' } : {}));
    expect((await measure({ labelsPath })).table.compliance.unreadable).toBe(1);
  });
});

describe('a measurement that cannot be made', () => {
  it.each([
    ['no JSON', 'not a row', 'a JSON object on one line'],
    ['a row without a label', '{"id":"1","request":"a","response":"b"}', '"compliance" or "refusal"'],
    [
      'another label',
      '{"id":"1","request":"a","response":"b","label":"harmful"}',
      '"compliance" or "refusal"',
    ],
    ['a row without an answer', '{"id":"1","request":"a","label":"refusal"}', 'a text that is not empty'],
  ])('is refused with file, line and field, and writes nothing: %s', async (_what, line, expected) => {
    const labelsPath = join(makeFolder(), 'labels.jsonl');
    writeFileSync(labelsPath, `${line}\n`);
    const outDir = join(makeFolder(), 'out');
    await expect(measure({ labelsPath, outDir })).rejects.toMatchObject({
      code: 'LABELS_INVALID',
      complaints: [
        { where: expect.stringMatching(/labels\.jsonl:1/), expected: expect.stringContaining(expected) },
      ],
    });
    expect(existsSync(join(outDir, 'judge-card.json'))).toBe(false);
  });

  it('is an error where the judge has no server, or the server is gone', async () => {
    const labelsPath = writeLabels(40);
    await expect(measure({ labelsPath, spec: { kind: 'wildguard' } })).rejects.toMatchObject({
      code: 'JUDGE_MISSING',
    });
    server.setFault(({ path }) => (path === '/v1/completions' ? { kind: 'unauthorized' } : null));
    await expect(measure({ labelsPath, ...wildguard() })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('is an error where the judge is replaced meanwhile', async () => {
    let lists = 0;
    server.setFault(({ path }) => (path === '/v1/models' && ++lists === 2 ? { kind: 'wrongModel' } : null));
    await expect(measure({ labelsPath: writeLabels(20), ...wildguard() })).rejects.toMatchObject({
      code: 'SERVER_CHANGED',
    });
  });

  it('reads CSV with a header, an empty label being none', async () => {
    const labelsPath = join(makeFolder(), 'labels.csv');
    writeFileSync(
      labelsPath,
      'id,request,response,label,source,request_kind\n1,a,It is blue.,compliance,x,safe\n2,b,"Sorry, no.",refusal,,\n3,c,Hm.,,,\n',
    );
    const card = await measure({ labelsPath });
    expect(card).toMatchObject({ n: 2, unlabelled: ['3'], sources: { unnamed: { n: 1 }, x: { n: 1 } } });
  });
});
