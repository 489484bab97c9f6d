import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { countOf } from '../config/count-of.ts';
import { ConfigError } from '../config/errors.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { show } from '../config/show.ts';
import { tryJson } from '../config/try-json.ts';
import type { FileUse } from '../config/unreadable.ts';
import { type Audit, found as auditOf, joinAudits, type NamedText } from '../receipt/audit.ts';
import { parseReceipt } from '../receipt/read-receipt.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { type Verification, verifyReceipt } from '../receipt/verify.ts';
import { verifyBundle } from '../receipt/verify-bundle.ts';
import { checkWorkflow } from '../receipt/verify-workflow.ts';
import { verifyComment } from '../report/verify-comment.ts';
import { readBaseline } from '../run/gate-inputs.ts';
import { version } from '../version.ts';
import { readReceiptText } from './receipt-argument.ts';
import { printResult } from './terminal.ts';
import { readTrust, type TrustOptions } from './verify-trust.ts';

interface VerifyOptions extends TrustOptions {
  readonly ledger?: string;
  readonly policy?: string;
  readonly baseline?: string;
  readonly comment?: string;
  readonly bundle?: string;
  readonly workflow?: string;
  readonly json?: boolean;
}

/** `mixgate verify`: an auditor's check, offline. Exit code 0 where all holds, 1 where not, 3 for bad input. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description(
      'recompute a receipt: digests, counts, estimates, checks and verdict; exit code 0 (holds), 1 (does not) or 3 (bad input)',
    )
    .argument('<receipt>', 'receipt.json, or its folder')
    .option('--ledger <file>', 'its ledger (the ledger.jsonl beside the receipt unless given)')
    .option('--policy <file>', 'the policy file that it names')
    .option('--baseline <folder>', 'the baseline that it was compared with')
    .option('--comment <file>', 'a pull-request comment that somebody kept, Markdown')
    .option(
      '--workflow <workflow>',
      'the workflow that was to write it, OWNER/REPO/PATH or OWNER/REPO/PATH@REF',
    )
    .option('--bundle <file>', 'a signature on it: Sigstore bundle or DSSE envelope')
    .option('--trusted-root <file>', 'with --bundle: who may certify signers (gh attestation trusted-root)')
    .option('--signer-workflow <workflow>', 'with --bundle: who signs, OWNER/REPO/PATH@REF')
    .option('--issuer <url>', 'with --bundle: who vouches for the workflow (GitHub unless given)')
    .option('--public-key <file>', 'with --bundle: the key that signs, PEM, in place of a workflow')
    .option('--json', 'print the result as JSON')
    .action((receipt: string, options: VerifyOptions) => {
      const result = verifyFiles(receipt, options);
      printResult(options.json, result, () => describeVerification(result));
      process.exitCode = result.ok ? 0 : 1;
    });
}

function verifyFiles(named: string, options: VerifyOptions): Verification {
  const receipt = readReceiptText(named);
  const beside = join(dirname(receipt.name), 'ledger.jsonl');
  const ledger = options.ledger ?? (existsSync(beside) ? beside : undefined);
  const { policy, baseline, comment, bundle } = options;
  const found = verifyReceipt({
    receipt,
    ledger: ledger === undefined ? undefined : readNamed(ledger, { what: 'a ledger', named: '--ledger' }),
    policy: policy === undefined ? undefined : readNamed(policy, { what: 'a policy', named: '--policy' }),
    baseline: baseline === undefined ? undefined : readBaseline(baseline),
  });
  const signature = bundle === undefined ? refuseTrustAlone(options) : signatureOf(bundle, options);
  // A receipt that does not hold gives nothing to hold a comment or a signature against.
  if (!found.ok)
    return { ...found, unchecked: [...found.unchecked, ...otherVersion(receipt.text), ...notHeld(options)] };
  const parsed = parseReceipt(receipt.text, receipt.name);
  const all = joinAudits([
    found,
    ...workflowOf(parsed, options),
    ...(comment === undefined
      ? []
      : [verifyComment(parsed, readNamed(comment, { what: 'a comment', named: '--comment' }))]),
    signature(parsed, receipt.text),
  ]);
  return { ok: all.problems.length === 0, ...all };
}

/** Who wrote a receipt may write any workflow into it: only a signature makes this more than its word. */
function workflowOf(receipt: Receipt, { workflow, bundle }: VerifyOptions): Audit[] {
  if (workflow === undefined) return [];
  const unsigned = ['that the workflow is not made up (give --bundle with --signer-workflow)'];
  return [{ problems: checkWorkflow(receipt, workflow), unchecked: bundle === undefined ? unsigned : [] }];
}

type SignatureCheck = (receipt: Receipt, text: string) => Audit;

/** Whom to trust is read before anything is checked: a wrong option is bad input, whatever the receipt says. */
function signatureOf(file: string, options: VerifyOptions): SignatureCheck {
  const trust = readTrust(options);
  const bundle = readNamed(file, { what: 'a bundle', named: '--bundle' });
  return (receipt, receiptText) => auditOf(verifyBundle({ receipt, receiptText, bundle, trust }));
}

function refuseTrustAlone({ trustedRoot, signerWorkflow, issuer, publicKey }: VerifyOptions): SignatureCheck {
  const given = {
    '--trusted-root': trustedRoot,
    '--signer-workflow': signerWorkflow,
    '--issuer': issuer,
    '--public-key': publicKey,
  };
  const alone = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (alone !== undefined) {
    throw new ConfigError({
      code: 'BUNDLE_MISSING',
      where: alone,
      expected: 'a signature to hold it against',
      got: 'no --bundle',
      remedy: 'give --bundle FILE, or leave the option out',
    });
  }
  return () => ({
    problems: [],
    unchecked: ['the signature (give --bundle): unsigned, as far as this check knows'],
  });
}

const versioned = z.object({ evidence: z.object({ version: z.string() }) });

/** Versions may estimate differently: a receipt of another one is best held to that one. */
function otherVersion(receiptText: string): string[] {
  const told = versioned.safeParse(tryJson(receiptText));
  if (!told.success || told.data.evidence.version === version) return [];
  const made = show(told.data.evidence.version);
  return [`with the mixgate that made it, ${made}: this is ${version}, which may count otherwise`];
}

function notHeld({ comment, bundle, workflow }: VerifyOptions): string[] {
  return [
    ...(workflow === undefined ? [] : ['the workflow: the receipt does not hold']),
    ...(comment === undefined ? [] : ['the comment: the receipt does not hold']),
    ...(bundle === undefined ? [] : ['the signature: the receipt does not hold']),
  ];
}

function readNamed(name: string, use: FileUse): NamedText {
  return { name, text: readNamedFile(name, use).toString('utf8') };
}

function describeVerification({ ok, problems, unchecked }: Verification): string {
  return [
    ok ? heldHeading(unchecked) : `does not hold: ${countOf(problems.length, 'difference')}`,
    ...problems.map(({ where, expected, found }) => `  ${where}: expected ${expected}, found ${found}`),
    ...unchecked.map((what) => `  not checked: ${what}`),
  ].join('\n');
}

/** A check of the digests alone must not read like an audit. */
function heldHeading(unchecked: readonly string[]): string {
  return unchecked.length === 0
    ? 'holds: everything is as the receipt says'
    : 'holds: nothing that was checked contradicts it; not everything was';
}
