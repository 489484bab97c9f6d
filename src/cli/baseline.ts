import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Complaint, ConfigError, EvidenceError, MixgateError } from '../config/errors.ts';
import { harmless } from '../config/log.ts';
import { makeFolder } from '../config/make-folder.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { type Acceptance, acceptanceSchema, type Baseline, baselineFiles } from '../receipt/baseline.ts';
import { verifyReceipt } from '../receipt/verify.ts';
import { readBaseline } from '../run/gate-inputs.ts';
import { orUnwritable } from '../run/output-file.ts';
import { print } from './terminal.ts';

/** `mixgate baseline accept`: makes a run the baseline, with who and why. */
export function addBaselineCommand(program: Command): void {
  program
    .command('baseline')
    .description('the accepted run that candidates are compared with')
    .command('accept')
    .description('make a run the baseline')
    .argument('<folder>', 'the --out folder of a run')
    .requiredOption('--by <who>', 'who accepts it')
    .requiredOption('--reason <text>', 'why')
    .option('--out <folder>', 'copy the baseline there instead of marking the run’s own folder')
    .action((folder: string, options: { by: string; reason: string; out?: string }) => {
      const accepted = acceptBaseline({ folder, ...options, at: new Date() });
      print(
        describeAcceptance(options.out ?? folder, accepted)
          .map(harmless)
          .join('\n'),
      );
    });
}

/** What was accepted, and what stood there before; null for a first one, or one that cannot be read. */
export interface Accepted {
  readonly acceptance: Acceptance;
  readonly accepted: Baseline;
  readonly before: Baseline | null;
}

/** @throws EvidenceError where the folder does not hold an intact run; ConfigError without a who or a why */
export function acceptBaseline(input: {
  readonly folder: string;
  readonly by: string;
  readonly reason: string;
  readonly out?: string | undefined;
  readonly at: Date;
}): Accepted {
  const { folder, by, reason, out = folder } = input;
  requireWords('--by', by, 200);
  requireWords('--reason', reason, 2000);
  const accepted = readBaseline(folder, 'the folder');
  requireRecomputed(folder);
  const before = readBefore(out, accepted);
  const acceptance = acceptanceSchema.parse({
    schema: 'mixgate.acceptance/1',
    receiptDigest: accepted.receipt.digest,
    by,
    reason,
    at: input.at.toISOString(),
    replaces:
      before === null || before.receipt.digest === accepted.receipt.digest ? null : before.receipt.digest,
  });
  orUnwritable(out, out === folder ? 'the folder' : '--out', () => {
    makeFolder(out);
    if (resolve(out) !== resolve(folder)) {
      for (const name of [baselineFiles.receipt, baselineFiles.ledger])
        copyFileSync(join(folder, name), join(out, name));
    }
    writeFileSync(join(out, baselineFiles.acceptance), `${JSON.stringify(acceptance, null, 2)}\n`);
  });
  return { acceptance, accepted, before };
}

/** A receipt that was sealed anew is intact, and may still say what its own ledger does not. */
function requireRecomputed(folder: string): void {
  const read = (file: string) => {
    const name = join(folder, file);
    return {
      name,
      text: readNamedFile(name, { what: `the run’s ${file}`, named: 'the folder' }).toString('utf8'),
    };
  };
  const files = { receipt: read(baselineFiles.receipt), ledger: read(baselineFiles.ledger) };
  const [first] = verifyReceipt(files).problems;
  if (first === undefined) return;
  throw new EvidenceError({
    code: 'BASELINE_DOES_NOT_HOLD',
    where: `${files.receipt.name} ${first.where}`,
    expected: first.expected,
    got: first.found,
    remedy: 'accept a run’s folder as the run wrote it; `mixgate verify` lists all that differs',
  });
}

/** A baseline that cannot be read is replaced all the same: that is how it is mended. */
function readBefore(out: string, accepted: Baseline): Baseline | null {
  if (!existsSync(join(out, baselineFiles.receipt))) return null;
  try {
    const before = readBaseline(out);
    // The run's own folder, not accepted yet: there is nothing to replace.
    return before.acceptance === null && before.receipt.digest === accepted.receipt.digest ? null : before;
  } catch (error) {
    if (error instanceof MixgateError) return null;
    throw error;
  }
}

function describeAcceptance(folder: string, { acceptance, accepted, before }: Accepted): string[] {
  const { verdict, checks, reasons } = accepted.receipt.evidence;
  const failed = checks.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name);
  // What keeps a verdict open is no check that failed: a dry run has such checks, too.
  const told = verdict === 'fail' ? failed : reasons.map(({ message }) => message);
  const why = told.length > 0 ? told.join('; ') : 'no reason is recorded';
  return [
    `baseline ${folder}: receipt ${acceptance.receiptDigest.slice(0, 16)} accepted by ${acceptance.by}`,
    ...(before === null ? [] : [`  it replaces ${describeBefore(before)}`]),
    ...(verdict === 'pass'
      ? []
      : [
          `  warning: this run did not pass its own gate: ${verdict} (${why})`,
          '  candidates are then held to a run that did not pass; each of their receipts says so',
        ]),
  ];
}

function describeBefore({ receipt, acceptance }: Baseline): string {
  const { candidate, verdict } = receipt.evidence;
  const who =
    acceptance === null
      ? 'accepted by nobody'
      : `accepted by ${acceptance.by} on ${acceptance.at.slice(0, 10)}`;
  return `receipt ${receipt.digest.slice(0, 16)} (${candidate.model}, ${verdict}, ${who})`;
}

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function requireWords(where: string, text: string, most: number): void {
  if (hidden.test(text)) {
    throw unusable({
      where,
      expected: 'one line of text',
      got: 'a control character, or one that cannot be seen',
    });
  }
  if (text.trim() === '') throw unusable({ where, expected: `1 to ${most} characters`, got: 'nothing' });
  if (text.length > most)
    throw unusable({ where, expected: `1 to ${most} characters`, got: `${text.length} characters` });
}

function unusable({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): ConfigError {
  const remedy = 'say in plain words who accepts this baseline, and why';
  return new ConfigError({ code: 'ACCEPTANCE_INVALID', where, expected, got, remedy });
}
