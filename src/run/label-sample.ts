import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { complianceRate } from '../analysis/compliance-rate.ts';
import type { MaybeInterval } from '../analysis/interval.ts';
import { type LabelledWord, predictionPowered } from '../analysis/prediction-powered.ts';
import { groupByBlock } from '../analysis/scores.ts';
import { ConfigError } from '../config/errors.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { publicIds } from '../judge/label-trials.ts';
import { type LabelledAnswer, parseLabels } from '../judge/labels.ts';
import { readAnswer } from '../judge/read-answer.ts';
import { baselineFiles } from '../receipt/baseline.ts';
import { digestOf } from '../receipt/digest.ts';
import { parseLedger } from '../receipt/ledger.ts';
import { parseIntactReceipt } from '../receipt/read-receipt.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { drawFrom, seededRandom } from '../suite/random.ts';
import { pickCandidate, readSuite } from './gate-inputs.ts';
import { orUnwritable } from './output-file.ts';
import { readSavedAnswers } from './saved-answers.ts';

/** Which answers are drawn, and where they go. */
export interface SampleRequest {
  readonly stateDir: string;
  readonly policyPath: string;
  readonly candidatePath: string | undefined;
  readonly model: string | undefined;
  readonly count: number;
  readonly seed: number;
  readonly ledgerKey: string | undefined;
  /** The labels file; it holds requests and answers, for its owner alone. */
  readonly outFile: string;
}

/**
 * Draws a random set of a run's answers to evaluation queries, for people to label.
 *
 * @returns how many rows were written
 * @throws ConfigError OUT_EXISTS: labels that people have given are not overwritten; OUTPUT_UNWRITABLE; EvidenceError as
 *   `readSavedAnswers`
 */
export async function writeLabelSample(request: SampleRequest): Promise<number> {
  const { outFile, stateDir, count, seed } = request;
  if (existsSync(outFile)) {
    const remedy = 'name a new file: this one may hold labels';
    throw new ConfigError({
      code: 'OUT_EXISTS',
      where: `--out ${outFile}`,
      expected: 'no file yet',
      got: 'one',
      remedy,
    });
  }
  const { plan } = await readSuite(request.policyPath);
  const { asked, header } = readSavedAnswers(stateDir, plan, pickCandidate(request));
  const publicId = publicIds(request.ledgerKey);
  const answers = plan.trials.flatMap(({ trialId, role, query, conditions }) => {
    const answer = asked.get(trialId);
    if (role !== 'evaluation' || answer?.t !== 'answer' || answer.text === null) return [];
    const { text, finish, reasoned, usage } = answer;
    const readable = readAnswer(
      { text, finish, reasoned, completionTokens: usage.completionTokens },
      0,
    ).judge;
    const row = { id: publicId(trialId), request: query.request, response: text, label: null };
    const origin = { source: conditions[0] ?? '', candidate_sha256: header.candidateSha256 };
    return readable ? [{ ...row, request_kind: 'unsafe', ...origin }] : [];
  });
  const drawn = drawFrom(answers, seededRandom(`label sample ${seed}`), count);
  const text = drawn.map((row) => `${JSON.stringify(row)}\n`).join('');
  orUnwritable(outFile, '--out', () => writeFileSync(outFile, text, { mode: 0o600, flag: 'wx' }));
  return drawn.length;
}

/** A second opinion on a run's compliance with evaluation queries, over all conditions. */
export interface LabelEstimate {
  /** Answers of the set that people labelled and the judge could read. */
  readonly labelled: number;
  /** Rows without a label, unscored by the judge, or not of this run: not counted. */
  readonly leftOut: number;
  readonly agreed: number;
  readonly judged: MaybeInterval;
  readonly estimate: MaybeInterval;
}

/**
 * Estimates a run's compliance from the answers of it that people labelled.
 *
 * @param ledgerPath the run's ledger, beside its receipt
 * @throws ConfigError LABELS_INVALID, LABELS_OF_OTHER_RUN; EvidenceError LEDGER_BROKEN
 */
export function estimateFromLabels(labelsPath: string, ledgerPath: string): LabelEstimate {
  const { rows } = parseLabels(
    readNamedFile(labelsPath, { what: 'labelled answers', named: '--labels' }),
    labelsPath,
  );
  const ledger = parseLedger(
    readNamedFile(ledgerPath, { what: 'a ledger', named: '--ledger' }).toString('utf8'),
    ledgerPath,
  );
  requireSameCandidate(rows, labelsPath, ledgerPath);
  const scored = ledger.filter(({ role }) => role === 'evaluation').flatMap(wordOf);
  const words = new Map(scored.map(({ trialId, value }) => [trialId, value]));
  const labelled = rows.flatMap(({ id, label }): LabelledWord[] => {
    const judged = words.get(id);
    return label === null || judged === undefined ? [] : [{ judged, human: label === 'compliance' ? 1 : 0 }];
  });
  const blocks = groupByBlock(scored);
  const level = 0.95;
  return {
    labelled: labelled.length,
    leftOut: rows.length - labelled.length,
    agreed: labelled.filter(({ judged, human }) => judged === human).length,
    judged: complianceRate({ blocks, level }),
    estimate: predictionPowered({ blocks, labelled, level }),
  };
}

/** Trials have the same ids in every run of a plan, so that those of another model would be taken for this one's. */
function requireSameCandidate(rows: readonly LabelledAnswer[], labels: string, ledger: string): void {
  const drawnFrom = new Set(rows.flatMap(({ candidateSha256 = '' }) => candidateSha256 || []));
  if (drawnFrom.size === 0) return;
  const file = join(dirname(ledger), baselineFiles.receipt);
  const text = readNamedFile(file, {
    what: 'the receipt of the ledger, beside it',
    named: '--ledger',
  }).toString('utf8');
  const candidate = digestOf(parseIntactReceipt(text, file).evidence.candidate);
  if ([...drawnFrom].every((one) => one === candidate)) return;
  throw new ConfigError({
    code: 'LABELS_OF_OTHER_RUN',
    where: labels,
    expected: 'answers of the candidate whose ledger is given',
    got: 'answers of another candidate',
    remedy: `name the ledger of the run that the labels were drawn from; ${ledger} is another’s`,
  });
}

function wordOf({
  trialId,
  block,
  outcome,
}: LabelledTrial): { trialId: string; block: number; value: 0 | 1 }[] {
  switch (outcome.label) {
    case 'compliance':
      return [{ trialId, block, value: 1 }];
    case 'refusal':
      return [{ trialId, block, value: 0 }];
    case 'unscored':
    case 'notRun':
      return [];
  }
}
