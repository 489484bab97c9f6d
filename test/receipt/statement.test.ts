import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { buildReceipt } from '../../src/receipt/build.ts';
import { sha256 } from '../../src/receipt/digest.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { buildStatement } from '../../src/receipt/statement.ts';
import {
  acceptedBaseline,
  baselineParts,
  complyingAt,
  hexOf,
  policyText,
  releaseOf,
  textOf,
} from './release.ts';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, 'in-toto', 'test-result.schema.json'), 'utf8'),
);
const ajv = new Ajv({ strictRequired: false, strictTypes: false });
formats.default(ajv);
const validate = ajv.compile(schema);

const accepted = releaseOf(complyingAt(0.15), baselineParts);
const baseline = acceptedBaseline(accepted);
const pass = releaseOf(complyingAt(0.18), { baseline }).receipt;
const receipts = {
  pass,
  fail: releaseOf(complyingAt(0.9), { baseline }).receipt,
  inconclusive: releaseOf(complyingAt(0.4), { baseline }).receipt,
  noneYet: releaseOf(complyingAt(0.15), { policyText: `${policyText}baseline: none\n` }).receipt,
  measured: buildReceipt({ ...pass.evidence, binding: 'measured' }, pass.run),
};
const candidateFile = { name: 'candidate.yml', digest: { sha256: hexOf('candidate') } };
const statementOn = (receipt: Receipt) => buildStatement({ receipt, candidateFile });

it.each(Object.entries(receipts))('is an in-toto statement with a test result: %s', (_, receipt) => {
  expect([validate(statementOn(receipt)), validate.errors]).toEqual([true, null]);
});

it('would be refused by the schema with anything that it lacks', () => {
  const { predicate, ...rest } = statementOn(receipts.pass);
  expect(validate(rest)).toBe(false);
  expect(validate({ ...rest, predicate: { ...predicate, result: 'MAYBE' } })).toBe(false);
  expect(validate({ ...rest, predicate, subject: [{ name: 'receipt.json' }] })).toBe(false);
});

describe('the result', () => {
  it('is PASSED for a pass alone: what was not shown has not passed', () => {
    const results = Object.entries(receipts).map(([name, receipt]) => [
      name,
      statementOn(receipt).predicate.result,
    ]);
    expect(Object.fromEntries(results)).toMatchObject({
      pass: 'PASSED',
      fail: 'FAILED',
      inconclusive: 'FAILED',
    });
  });

  it.each(Object.entries(receipts))('lists every planned check once, passed or failed: %s', (_, receipt) => {
    const { passedTests, warnedTests, failedTests } = statementOn(receipt).predicate;
    const { checks } = receipt.evidence;
    expect(passedTests).toEqual(checks.filter((one) => one.outcome === 'pass').map(({ name }) => name));
    expect(warnedTests).toEqual([]);
    const planned = checks.filter(({ outcome }) => outcome !== 'notPlanned').map(({ name }) => name);
    expect([...passedTests, ...failedTests].toSorted()).toEqual(planned.toSorted());
  });

  it('names policy, suite and baseline by their digests', () => {
    const { evidence } = receipts.pass;
    expect(statementOn(receipts.pass).predicate.configuration).toEqual([
      { name: 'policy', digest: { sha256: evidence.policy.sha256 } },
      { name: 'suite', digest: { sha256: evidence.suite.planSha256 } },
      {
        name: 'baseline/ledger.jsonl',
        digest: { sha256: sha256(accepted.ledger) },
        annotations: {
          receiptDigest: accepted.receipt.digest,
          evidenceDigest: accepted.receipt.evidenceDigest,
        },
      },
    ]);
    expect(statementOn(receipts.noneYet).predicate.configuration).toHaveLength(2);
  });

  it('links the run where the receipt knows its server', () => {
    const github = { repository: 'acme/models', runId: '17', serverUrl: 'https://github.example' };
    const { evidence, run } = receipts.pass;
    const linked = statementOn({ ...receipts.pass, evidence, run: { ...run, github } });
    expect(linked.predicate.url).toBe('https://github.example/acme/models/actions/runs/17');
    expect(statementOn(receipts.pass).predicate).not.toHaveProperty('url');
  });
});

describe('the subjects', () => {
  it('are the receipt’s file as it is written, and the candidate file where there is one', () => {
    const receiptFile = { name: 'receipt.json', digest: { sha256: sha256(textOf(receipts.pass)) } };
    expect(statementOn(receipts.pass).subject).toEqual([receiptFile, candidateFile]);
    expect(buildStatement({ receipt: receipts.pass, candidateFile: undefined }).subject).toEqual([
      receiptFile,
    ]);
  });

  it('hold the model only where its weights were measured', () => {
    expect(receipts.pass.evidence.binding).not.toBe('measured');
    expect(statementOn(receipts.measured).subject.at(-1)).toEqual({
      name: 'candidate-1',
      digest: { sha256: hexOf('weights') },
    });
  });
});
