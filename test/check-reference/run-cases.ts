import { z } from 'zod';
import { type Case, caseSchema, type Topic } from './case.ts';
import { compare, type Item, miss, toleranceOf } from './compare.ts';
import { distributions } from './topics/distributions.ts';
import { firth } from './topics/firth.ts';
import { logistic } from './topics/logistic.ts';
import { pairedBlocks } from './topics/paired-blocks.ts';
import { proportions } from './topics/proportions.ts';
import { cochran, groupSequential, judgeError, multiplicity, studentizedRange } from './topics/small.ts';

/** What came of one case: every expected value, compared. */
export interface CaseReport {
  readonly id: string;
  readonly items: readonly Item[];
}

const fileSchema = z.object({
  format: z.literal('stats-reference/1'),
  topic: z.string(),
  cases: z.array(z.unknown()).min(1),
});

const topics: Readonly<Record<string, Topic>> = {
  'Cochran Q across orderings': cochran,
  'clustered paired difference (block t)': pairedBlocks,
  'Firth penalised logistic regression': firth,
  'group-sequential boundaries': groupSequential,
  'judge error correction': judgeError,
  'logistic regression, cluster-robust covariance, nested tests': logistic,
  'multiple testing': multiplicity,
  'single and paired proportions': proportions,
  'studentized range': studentizedRange,
  'tails and quantiles': distributions,
};

/** Confirmations that the reference calls optional: compared where the source computes them. */
const optionalFields = /^(CR2|rpact|geepack)_/;

/** Every case of one reference file. Whatever cannot be read, or is not known, is a miss and never a skip. */
export function runFile(text: string): CaseReport[] {
  const file = fileSchema.safeParse(readJson(text));
  if (!file.success) return [{ id: '(file)', items: [miss('file', z.prettifyError(file.error))] }];
  const topic = topics[file.data.topic.replace(/ \(optional\)$/, '')];
  return file.data.cases.map((value, i) => {
    const parsed = caseSchema.safeParse(value);
    if (!parsed.success) return { id: `case ${i}`, items: [miss('case', z.prettifyError(parsed.error))] };
    const unknown = [miss('topic', `unknown topic: ${file.data.topic}`)];
    return { id: parsed.data.id, items: topic === undefined ? unknown : runCase(topic, parsed.data) };
  });
}

function runCase(topic: Topic, reference: Case): Item[] {
  const produce = attempt(() => topic(reference));
  if (produce instanceof Error) return [miss('input', produce.message)];
  const items = Object.entries(reference.expected).flatMap(([field, expected]) => {
    const produced = attempt(() => produce(field));
    if (produced instanceof Error) return [miss(field, produced.message)];
    if (produced === undefined && isOptional(field, expected)) {
      return [{ where: field, verdict: 'notComputed' as const, note: 'optional' }];
    }
    return compare(field, expected, produced, toleranceOf(field, reference.tolerance));
  });
  const compared = items.some(({ verdict }) => verdict !== 'notComputed');
  return compared ? items : [...items, miss('expected', 'nothing to compare')];
}

function isOptional(field: string, expected: unknown): boolean {
  return optionalFields.test(field) || z.object({ optional: z.literal(true) }).safeParse(expected).success;
}

function attempt<T>(compute: () => T): T | Error {
  try {
    return compute();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function readJson(text: string): unknown {
  const parsed = attempt((): unknown => JSON.parse(text));
  return parsed instanceof Error ? undefined : parsed;
}
