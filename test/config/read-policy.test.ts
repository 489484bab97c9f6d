import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judgeKinds } from '../../src/config/judge-policy.ts';
import { policySchema } from '../../src/config/policy.ts';
import { parsePolicy, readPolicy } from '../../src/config/read-policy.ts';
import { complaintsOf, refusalOf } from './complaints.ts';
import { refusalOfChange, refusals } from './refusals.ts';
import { changePolicy, otherJudges, policyOfHarm, policyWithJudge, wholePolicy } from './whole-policy.ts';

/** Dotted paths of all mapping keys in plain data. */
function keyPaths(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => keyPaths(entry, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [own, ...keyPaths(child, own)];
  });
}

/** The same of a JSON Schema. */
function schemaPaths(node: unknown, path = ''): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, child]) => {
    if (key !== 'properties') return schemaPaths(child, path);
    return Object.entries(Object(child)).flatMap(([name, below]) => {
      const own = path === '' ? name : `${path}.${name}`;
      return [own, ...schemaPaths(below, own)];
    });
  });
}

describe('a number that is none', () => {
  it('in quotes is said to lose them', () => {
    const { text } = changePolicy('draws: 16', 'draws: "16"');
    expect(complaintsOf(() => parsePolicy(text, 'p.yml'))).toMatchObject([
      { expected: 'a number', got: '"16"', remedy: 'write 16 without quotes' },
    ]);
  });

  it('far too large is refused once, by the limit that counts', () => {
    const { text } = changePolicy('draws: 16', 'draws: 99999999999999999999');
    expect(complaintsOf(() => parsePolicy(text, 'p.yml'))).toMatchObject([{ expected: 'at most 256' }]);
  });
});

describe('a judge with settings of its own', () => {
  it.each(otherJudges)('is taken: %s', (judge) => {
    expect(parsePolicy(policyWithJudge(judge), 'p.yml').judge).toEqual(parse(judge).judge);
  });

  it.each([
    ['{ kind: classifier }', 'judge.labels', 'the model’s names of the two labels'],
    ['{ kind: classifier, labels: { compliance: [A], refusal: [B, A] } }', 'judge.labels', 'two labels'],
    ['{ kind: wildguard, rubric: x }', 'judge.rubric', 'nothing under kind wildguard: it belongs to rubric'],
    [
      '{ kind: rubric, endpoint: /classify }',
      'judge.endpoint',
      'nothing under kind rubric: it belongs to classifier',
    ],
    ['{ kind: phrases, rule: majority }', 'judge.rule', 'nothing under kind phrases: it belongs to panel'],
    [
      '{ kind: panel, members: [{ kind: phrases }, { kind: wildguard }] }',
      'judge.rule',
      'majority or unanimous or anyCompliance',
    ],
    ['{ kind: panel, rule: majority }', 'judge.members', 'two judges or more'],
    ['{ kind: panel, rule: majority, members: [{ kind: phrases }] }', 'judge.members', 'at least 2 entries'],
    [
      '{ kind: panel, rule: majority, members: [{ kind: phrases }, { kind: panel }] }',
      'judge.members[1].kind',
      '"wildguard" or "rubric" or "classifier" or "phrases"',
    ],
    [
      '{ kind: panel, rule: majority, members: [{ kind: phrases, maxTokens: 9 }, { kind: wildguard }] }',
      'judge.members[0].maxTokens',
      'nothing under kind phrases: it belongs to rubric',
    ],
  ])('is refused: %s', (judge, where, expected) => {
    const found = complaintsOf(() => parsePolicy(policyWithJudge(`judge: ${judge}`), 'p.yml'));
    expect(found.find((one) => one.where.endsWith(` ${where}`))?.expected).toBe(expected);
  });
});

describe('a judge of harm', () => {
  it('is taken where the policy says that harm is meant, and names its own canaries', () => {
    const { judge } = parsePolicy(policyOfHarm(), 'p.yml');
    expect(judge).toMatchObject({ kind: 'llama-guard', measures: 'harm', canaries: 'own.jsonl' });
  });

  it.each([
    [
      policyOfHarm('{ kind: llama-guard, canaries: own.jsonl }'),
      'judge.measures',
      /^"harm": this judge calls/,
    ],
    [
      policyOfHarm('{ kind: llama-guard, measures: harm }'),
      'judge.canaries',
      /shipped canaries are harmless/,
    ],
    [
      policyOfHarm('{ kind: llama-guard, measures: refusal, canaries: own.jsonl }'),
      'judge.measures',
      /"harm"/,
    ],
    [
      policyWithJudge('judge: { kind: wildguard, measures: harm }'),
      'judge.measures',
      /^nothing under kind wildguard: it belongs to llama-guard$/,
    ],
    [
      policyWithJudge('judge: { kind: llama-guard, measures: harm, canaries: own.jsonl }'),
      'checks.controlCompliance.minRate',
      /^0 under kind llama-guard/,
    ],
    [
      policyOfHarm().replace('{ minRate: 0 }', '{ minRate: 0, maxDecrease: 0.1 }'),
      'checks.controlCompliance.maxDecrease',
      /^nothing under kind llama-guard/,
    ],
    [
      policyOfHarm('{ kind: panel, rule: majority, members: [{ kind: phrases }, { kind: llama-guard }] }'),
      'judge.members[1].kind',
      /"wildguard"/,
    ],
  ])('is refused otherwise: case %#', (text, where, expected) => {
    const found = complaintsOf(() => parsePolicy(text, 'p.yml'));
    expect(found.find((one) => one.where.endsWith(` ${where}`))?.expected).toMatch(expected);
  });
});

describe('a policy that is valid', () => {
  it('may have every key that the schema knows, and keeps every value', () => {
    const known = schemaPaths(policySchema.toJSONSchema({ io: 'input', unrepresentable: 'any' }));
    const texts = [wholePolicy, policyOfHarm(), ...otherJudges.map(policyWithJudge)];
    const shown = texts.flatMap((text) => keyPaths(parse(text)));
    expect([...new Set(shown)].sort()).toEqual([...new Set(known)].sort());
    const policy = parsePolicy(wholePolicy, 'p.yml');
    const written: unknown = parse(wholePolicy);
    expect(policy).toEqual({
      ...Object(written),
      suite: {
        ...policy.suite,
        sweeps: { ...policy.suite.sweeps, benignSweep: { harmful: [32], benign: [0, 8, 32, 64] } },
      },
    });
    expect(policy.suite.queries[0]?.sample).toBe(384);
  });

  it('gets the contract’s defaults for what it does not say', () => {
    const policy = parsePolicy(
      `version: 1
name: small
suite:
  harmfulDemonstrations: [{ name: h, path: h.jsonl }]
  benignDemonstrations: [{ name: b, path: b.jsonl }]
  queries: [{ name: q, path: q.jsonl }]
  controlQueries: [{ name: c, path: c.jsonl }]
  sweeps: {}
judge: { kind: phrases }
checks: { zeroShotCompliance: { maxRate: 0.25 } }
`,
      'p.yml',
    );
    expect(policy.suite).toMatchObject({ draws: 16, layout: 'block', sweeps: { zeroShot: true } });
    expect(policy.sampling).toMatchObject({ temperature: 0, maxTokens: 256, seed: 7, systemPrompt: '' });
    expect(policy.checks).toEqual({
      controlCompliance: { minRate: 0.9 },
      zeroShotCompliance: { maxRate: 0.25 },
    });
    expect(policy.decision).toMatchObject({
      alpha: 0.05,
      maxUnscored: 0.02,
      onInconclusive: 'fail',
      maxAttempts: 2,
    });
    expect(policy.binding).toEqual({ require: false });
    expect(policy.effect).toEqual({ equivalence: 0.1 });
    expect(policy.retention).toBe('hashes');
  });
});

describe('a wrong value', () => {
  it.each([
    ['draws: 16', 'draws: 0', 'suite.draws', 'at least 1', '0'],
    ['draws: 16', 'draws: 257', 'suite.draws', 'at most 256', '257'],
    ['draws: 16', 'draws: 16.5', 'suite.draws', 'a whole number', '16.5'],
    ['draws: 16', 'draws: .nan', 'suite.draws', 'a number', 'NaN'],
    ['draws: 16', 'draws:', 'suite.draws', 'a number', 'null'],
    ['temperature: 0.5', 'temperature: .inf', 'sampling.temperature', 'a number', 'Infinity'],
    ['temperature: 0.5', 'temperature: 2.1', 'sampling.temperature', 'at most 2', '2.1'],
    ['topP: 0.9', 'topP: 0', 'sampling.topP', 'more than 0', '0'],
    ['minRate: 0.9', 'minRate: 90', 'checks.controlCompliance.minRate', 'at most 1', '90'],
    ['minRate: 0.9', 'minRate: 90%', 'checks.controlCompliance.minRate', 'a number', '"90%"'],
    ['maxRate: 0.25', 'maxRate: -0.1', 'checks.zeroShotCompliance.maxRate', 'at least 0', '-0.1'],
    ['  alpha: 0.05', '  alpha: 0', 'decision.alpha', 'more than 0', '0'],
    ['  alpha: 0.05', '  alpha: 0.5', 'decision.alpha', 'at most 0.2', '0.5'],
    ['requireCoverage: true', 'requireCoverage: yes', 'deployment.requireCoverage', 'true or false', '"yes"'],
    ['version: 1', 'version: 2', 'version', '1', '2'],
    [
      'kind: wildguard',
      'kind: wildgard',
      'judge.kind',
      judgeKinds.map((kind) => `"${kind}"`).join(' or '),
      '"wildgard"',
    ],
    ['onInconclusive: warn', 'onInconclusive: pass', 'decision.onInconclusive', '"fail" or "warn"', '"pass"'],
    ['baseline: none', 'baseline: nnoe', 'baseline', '"none"', '"nnoe"'],
    ['name: whole', 'name: a b', 'name', 'letters, digits, dots, dashes; at most 64 characters', '"a b"'],
    [
      'name: redacted',
      'name: ../x',
      'suite.harmfulDemonstrations[0].name',
      'letters, digits, dots, dashes; at most 64 characters',
      '"../x"',
    ],
    [
      'harmful: 32, benign: [0, 8, 32, 64]',
      'harmful: 32.5, benign: [0, 8]',
      'suite.sweeps.benignSweep.harmful',
      'a whole number from 0 to 4096, or a list of them',
      '32.5',
    ],
    ['benign: [0, 8, 32, 64]', 'benign: [0, -8]', 'suite.sweeps.benignSweep.benign[1]', 'at least 0', '-8'],
    [
      'rules: [prefix, suffix, random,',
      'rules: [prefix, sufix, random,',
      'suite.sweeps.orderings.rules[1]',
      '"prefix" or "suffix" or "random" or "middle" or "interleaved"',
      '"sufix"',
    ],
    ['totals: [4, 16, 64]', 'totals: []', 'suite.sweeps.grid.totals', 'at least 1 entry', '[]'],
    ['totals: [4, 16, 64]', 'totals: 4', 'suite.sweeps.grid.totals', 'a list', '4'],
  ])(
    'is refused with line, key, what was expected and what came: %s -> %s',
    (from, to, path, expected, got) => {
      const { text, line } = changePolicy(from, to);
      const complaints = refusals(text);
      if (path === undefined) {
        expect(complaints[0]).toMatchObject({ code: 'YAML_SYNTAX' });
        return;
      }
      expect(complaints).toEqual([
        { code: 'POLICY_INVALID', where: `p.yml:${line} ${path}`, expected, got, remedy: `correct ${path}` },
      ]);
    },
  );

  it.each([
    ['suite', /^suite:\n(?: .*\n)*/m, 1],
    ['judge', /^judge:.*\n/m, 1],
    ['checks', /^checks:\n(?: .*\n)*/m, 1],
    ['suite.controlQueries', / {2}controlQueries:\n(?: {4}.*\n)*/m, 7],
    ['suite.harmfulDemonstrations', / {2}harmfulDemonstrations:\n(?: {4}.*\n)*/m, 7],
    ['suite.queries[0].path', / {6}path: queries\/standard.jsonl\n/m, 25],
  ])('that is missing is to be added: %s', (path, passage, line) => {
    expect(refusals(wholePolicy.replace(passage, ''))).toEqual([
      {
        code: 'POLICY_INVALID',
        where: `p.yml:${line} ${path}`,
        expected: expect.stringMatching(/^a (mapping|list)$|^either path or hub$/),
        got: 'nothing',
        remedy: `add ${path}`,
      },
    ]);
  });

  it('is found on its own line in a file with CRLF', () => {
    const { text, line } = changePolicy('maxAttempts: 3', 'maxAttempts: 0');
    expect(refusals(text.replaceAll('\n', '\r\n'))[0]?.where).toBe(`p.yml:${line} decision.maxAttempts`);
  });

  it('is found on its own line in flow style', () => {
    const flow = JSON.stringify(parse(wholePolicy), null, 1).replace('"draws": 16', '"draws": 0');
    const line = flow.slice(0, flow.indexOf('"draws"')).split('\n').length;
    expect(refusals(flow)[0]?.where).toBe(`p.yml:${line} suite.draws`);
  });

  it('is shown as a short excerpt, however long it is', () => {
    const { complaint } = refusalOfChange('version: 1', `version: ${'9'.repeat(3_000)}x`);
    expect(complaint?.got.length).toBeLessThanOrEqual(72);
  });

  it('does not hide the others: all are listed at once', () => {
    const text = wholePolicy
      .replace('version: 1', 'version: 7')
      .replace('draws: 16', 'draws: many')
      .replace('requests: 15000\n', 'request: 15000\n')
      .replace('alpha: 0.05', 'alpha: 1');
    expect(refusals(text).map(({ where }) => where.replace(/^p.yml:\d+ /, ''))).toEqual([
      'version',
      'suite.draws',
      'budget.request',
      'decision.alpha',
    ]);
  });
});

describe('readPolicy', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'mixgate-policy-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('gives the policy with the SHA-256 of the file’s bytes', () => {
    const path = join(dir, 'p.yml');
    writeFileSync(path, wholePolicy);
    const loaded = readPolicy(path);
    expect(loaded.policy).toEqual(parsePolicy(wholePolicy, path));
    expect(loaded).toMatchObject({ path, sha256: createHash('sha256').update(wholePolicy).digest('hex') });
  });

  it.each([
    ['of no bytes', ''],
    ['of blanks', ' \r\n\t\n'],
    ['of a byte order mark', '\ufeff'],
  ])('refuses an empty file %s', (_, text) => {
    const path = join(dir, 'empty.yml');
    writeFileSync(path, text);
    expect(refusalOf(() => readPolicy(path))).toMatchObject({
      code: 'FILE_EMPTY',
      message: `${path}: expected a policy file, got an empty file`,
    });
  });

  it('refuses a file of comments alone', () => {
    const path = join(dir, 'comments.yml');
    writeFileSync(path, '# nothing\n');
    expect(refusalOf(() => readPolicy(path)).message).toBe(
      `${path}:1 (top level): expected a mapping, got null`,
    );
  });

  it('names a file that is not there and one that is a folder', () => {
    const path = join(dir, 'none.yml');
    expect(complaintsOf(() => readPolicy(path))).toEqual([
      {
        code: 'FILE_UNREADABLE',
        where: path,
        expected: 'a policy file',
        got: 'no such file',
        remedy: 'correct --policy, or create the file',
      },
    ]);
    expect(complaintsOf(() => readPolicy(dir))).toMatchObject([
      { code: 'FILE_UNREADABLE', where: dir, got: 'a folder' },
    ]);
  });

  it('reads a file with a byte order mark', () => {
    const path = join(dir, 'bom.yml');
    writeFileSync(path, `\ufeff${wholePolicy}`);
    expect(readPolicy(path).policy.name).toBe('whole');
  });
});

it('no text, however broken, makes parsePolicy throw anything but a ConfigError', () => {
  const pieces = wholePolicy.split(/(?<=\n)|(?<=[{}[\],:])/);
  fc.assert(
    fc.property(
      fc.nat(pieces.length - 1),
      fc.nat(pieces.length - 1),
      fc.string({ unit: 'binary' }),
      (at, from, junk) => {
        const text = [...pieces.slice(0, at), junk, ...pieces.slice(from)].join('');
        try {
          parsePolicy(text, 'p.yml');
        } catch (error) {
          expect(error).toMatchObject({ name: 'ConfigError' });
        }
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});
