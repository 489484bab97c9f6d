import { EvidenceError } from '../config/errors.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import { differences } from './baseline.ts';
import { type Basis, compareLedgers, compareReceipts, type Differences } from './compare-step.ts';
import { sha256 } from './digest.ts';
import { parseLedger } from './ledger.ts';
import { parseIntactReceipt } from './read-receipt.ts';
import type { Receipt } from './receipt.ts';

/** A receipt to be compared, with its labels where the ledger stands beside it. */
export interface ComparedRun {
  readonly file: string;
  readonly receipt: Receipt;
  readonly trials: readonly LabelledTrial[] | undefined;
}

/** One run against another: what changed from the first to the second, or the fields that forbid to say. */
export type Step = { readonly from: string; readonly to: string } & (
  | { readonly status: 'notComparable'; readonly fields: readonly string[] }
  | {
      readonly status: 'compared';
      readonly basis: Basis;
      /** What a reader has to know before the numbers. */
      readonly notes: readonly string[];
      readonly differences: Differences;
    }
);

export interface NamedRun extends ComparedRun {
  /** What tells it apart here: the stage, the model, or the model with its checkpoint or place. */
  readonly name: string;
}

/** Receipts side by side: the stages of one family, each after the one before, or models, each against the first. */
export interface Comparison {
  readonly kind: 'stages' | 'models';
  readonly runs: readonly NamedRun[];
  readonly steps: readonly Step[];
}

/**
 * Puts a run together from its files' texts.
 *
 * @throws EvidenceError where the receipt was changed, or the ledger is not the receipt's
 */
export function parseComparedRun(files: {
  readonly file: string;
  readonly receipt: string;
  readonly ledger: { readonly file: string; readonly text: string } | undefined;
}): ComparedRun {
  const { file, ledger } = files;
  const receipt = parseIntactReceipt(files.receipt, file);
  if (ledger === undefined) return { file, receipt, trials: undefined };
  const found = sha256(ledger.text);
  if (found !== receipt.evidence.ledger.sha256) {
    throw new EvidenceError({
      code: 'LEDGER_OF_ANOTHER_RUN',
      where: ledger.file,
      expected: `SHA-256 ${receipt.evidence.ledger.sha256}, the ledger of ${file}`,
      got: found,
      remedy: 'put the ledger that was written with the receipt beside it, or none',
    });
  }
  return { file, receipt, trials: parseLedger(ledger.text, ledger.file) };
}

/**
 * Compares runs in the order given.
 *
 * They are stages where all state one family and each a training stage of its own: then each is compared with the one
 * before. Otherwise each is compared with the first. Runs of other families, suites, judges or samplings are shown side
 * by side and never subtracted.
 */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const kind = areStages(runs) ? 'stages' : 'models';
  const names = namesOf(runs, kind);
  const named = runs.map((run, index): NamedRun => ({ ...run, name: names[index] ?? run.file }));
  const [first] = named;
  const steps = named.slice(1).flatMap((run, index) => {
    const before = kind === 'stages' ? named[index] : first;
    return before === undefined ? [] : [compareStep(before, run)];
  });
  return { kind, runs: named, steps };
}

function areStages(runs: readonly ComparedRun[]): boolean {
  const candidates = runs.map(({ receipt }) => receipt.evidence.candidate);
  const stages = new Set(candidates.map(({ trainingStage }) => trainingStage));
  const families = new Set(candidates.map(({ family }) => family));
  return families.size === 1 && !families.has(null) && stages.size === runs.length && !stages.has(null);
}

/** The shortest way to call the runs in which no two have the same name. */
function namesOf(runs: readonly ComparedRun[], kind: Comparison['kind']): string[] {
  const candidates = runs.map(({ receipt }) => receipt.evidence.candidate);
  const models = candidates.map(({ model }) => model);
  const checkpoints = candidates.map(({ model, checkpoint }) => `${model} ${checkpoint ?? ''}`.trim());
  const stages = candidates.map(({ trainingStage }) => trainingStage ?? '');
  const numbered = checkpoints.map((name, index) => `${name} (${index + 1})`);
  const choices = kind === 'stages' ? [stages] : [models, checkpoints];
  return choices.find((names) => new Set(names).size === names.length) ?? numbered;
}

function compareStep(before: NamedRun, after: NamedRun): Step {
  const names = { from: before.name, to: after.name };
  const fields = whatForbids(before.receipt, after.receipt);
  if (fields.length > 0) return { ...names, status: 'notComparable', fields };
  const notes = notesOn(before, after);
  const paired = compareLedgers(before, after);
  if (paired === undefined) {
    const found = { basis: 'receipts', differences: compareReceipts(before.receipt, after.receipt) } as const;
    return { ...names, status: 'compared', ...found, notes: [...notes, whyUnpaired(before, after)] };
  }
  return { ...names, status: 'compared', basis: 'ledgers', notes, differences: paired };
}

/** Told apart by `notesOn`: a stage may come with its own template, and ids of other keys only cannot be paired. */
const noted: readonly string[] = ['served.templateSha256', 'ledger.ids'];

/** Family, suite, judge and sampling, looked at from both sides: neither run may lack what the other demands of it. */
function whatForbids(before: Receipt, after: Receipt): string[] {
  const [one, other] = [before, after].map(({ evidence }) => evidence.candidate.family);
  const family =
    one === other && typeof one === 'string'
      ? []
      : [`candidate.family (${one ?? 'not stated'}, ${other ?? 'not stated'})`];
  const comparable = ({ evidence }: Receipt) => ({ ...evidence, ledgerIds: evidence.ledger.ids });
  const both = [...differences(comparable(after), before), ...differences(comparable(before), after)];
  return [...family, ...new Set(both.filter((field) => !noted.includes(field)))];
}

function notesOn(before: NamedRun, after: NamedRun): string[] {
  const templates = [before, after].map(({ receipt }) => receipt.evidence.served.templateSha256);
  const known = templates.every((one) => one !== null);
  const differ = known && templates[0] !== templates[1];
  return [
    ...(differ ? ['The chat templates differ: a difference is that of model and template together.'] : []),
    ...(known ? [] : ['A server did not tell its chat template: a difference may be that of the template.']),
    ...[before, after].flatMap((run) => [...unscoredNote(run), ...earlyNote(run)]),
  ];
}

function unscoredNote({ name, receipt }: NamedRun): string[] {
  const { conditions } = receipt.evidence;
  const sum = (field: 'compliance' | 'refusal' | 'unscored') =>
    conditions.reduce((total, condition) => total + condition[field], 0);
  const unscored = sum('unscored');
  const ran = unscored + sum('compliance') + sum('refusal');
  return unscored === 0 ? [] : [`${name}: ${unscored} of ${ran} answers are unscored and left out.`];
}

function earlyNote({ name, receipt }: NamedRun): string[] {
  const { looks } = receipt.evidence;
  const blocks = looks.taken.at(-1)?.blocks ?? 0;
  const planned = looks.planned.at(-1) ?? 0;
  if (blocks >= planned) return [];
  return [
    `${name}: ended by its own evidence after ${blocks} of ${planned} blocks; intervals have the level of that look.`,
  ];
}

function whyUnpaired(before: NamedRun, after: NamedRun): string {
  const lacking = [before, after].filter(({ trials }) => trials === undefined).map(({ name }) => name);
  if (lacking.length > 0) {
    return `No ledger beside the receipt of ${lacking.join(' and ')}: no difference of rates, only of the effect, as if the runs were independent.`;
  }
  return 'The ledgers have no trial in common (other keys for ids): no difference of rates, only of the effect, as if the runs were independent.';
}
