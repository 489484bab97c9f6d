import { z } from 'zod';
import { parseIntactReceipt } from '../receipt/read-receipt.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { openCommit } from './git-files.ts';
import { markerName } from './marker.ts';
import { failureOf, type Octokit, repositoryOf } from './octokit.ts';

/** Where receipts last: a branch of their own, one folder a policy, one below it a run. */
export interface ReceiptsBranch {
  /** `owner/name` */
  readonly repository: string;
  readonly branch: string;
}

export interface KeptRun {
  readonly policyName: string;
  readonly receipt: Receipt;
  /** The files' texts, as they were written. */
  readonly receiptText: string;
  readonly ledgerText: string;
}

const maxTries = 6;
const waitMs = 500;
const maxReceiptBytes = 50_000_000;

const latestSchema = z.object({ path: z.string().regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/) });
const commitSchema = z.object({ sha: z.string(), tree: z.object({ sha: z.string() }) });
const shaSchema = z.object({ sha: z.string() });
const refSchema = z.object({ object: z.object({ sha: z.string() }) });

/** The receipt that was kept last under a policy, or null where there is none. */
export async function readLastReceipt(
  octokit: Octokit,
  at: ReceiptsBranch,
  policyName: string,
): Promise<Receipt | null> {
  const head = await headOf(octokit, at);
  if (head === null) return null;
  const files = openCommit(octokit, at.repository, head);
  const read = async (path: string) => {
    const entry = await files.find(path);
    return entry === null ? null : (await files.read(entry, maxReceiptBytes)).toString('utf8');
  };
  const latest = await read(`${markerName(policyName)}/latest.json`);
  if (latest === null) return null;
  const { path } = latestSchema.parse(JSON.parse(latest));
  const text = await read(`${path}/receipt.json`);
  return text === null ? null : parseIntactReceipt(text, `${path}/receipt.json`);
}

/**
 * Adds a run to the branch, on top of whatever stands there; another run that was faster is built upon, never lost.
 *
 * @returns the commit
 * @throws what octokit throws where it may not write, or where others were faster six times
 */
export async function keepReceipt(
  octokit: Octokit,
  at: ReceiptsBranch & { readonly sleep: (ms: number) => Promise<void> },
  run: KeptRun,
): Promise<string> {
  const tree = filesOf(run).map((file) => ({ ...file, mode: '100644' as const, type: 'blob' as const }));
  const message = `${run.receipt.evidence.verdict}: policy ${markerName(run.policyName)}, receipt ${run.receipt.digest.slice(0, 12)}`;
  for (let tries = 1; ; tries += 1) {
    try {
      return await addCommit(octokit, at, { tree, message });
    } catch (error) {
      const { status } = failureOf(error);
      if (tries >= maxTries || (status !== 409 && status !== 422)) throw error;
      await at.sleep(waitMs * tries);
    }
  }
}

function filesOf({ policyName, receipt, receiptText, ledgerText }: KeptRun) {
  const folder = `${receipt.evidence.asOf.slice(0, 10)}-${receipt.digest.slice(0, 16)}`;
  const path = `${markerName(policyName)}/${folder}`;
  const { digest, evidenceDigest, evidence } = receipt;
  const latest = { path, digest, evidenceDigest, verdict: evidence.verdict, asOf: evidence.asOf };
  return [
    { path: `${path}/receipt.json`, content: receiptText },
    { path: `${path}/ledger.jsonl`, content: ledgerText },
    { path: `${markerName(policyName)}/latest.json`, content: `${JSON.stringify(latest)}\n` },
  ];
}

interface TreeFile {
  readonly path: string;
  readonly content: string;
  readonly mode: '100644';
  readonly type: 'blob';
}

async function addCommit(
  octokit: Octokit,
  at: ReceiptsBranch,
  { tree, message }: { readonly tree: TreeFile[]; readonly message: string },
): Promise<string> {
  const { git } = octokit.rest;
  const place = repositoryOf(at.repository);
  const head = await headOf(octokit, at);
  const parent =
    head === null ? null : commitSchema.parse((await git.getCommit({ ...place, commit_sha: head })).data);
  const made = await git.createTree({
    ...place,
    tree,
    ...(parent === null ? {} : { base_tree: parent.tree.sha }),
  });
  const commit = await git.createCommit({
    ...place,
    message,
    tree: shaSchema.parse(made.data).sha,
    parents: parent === null ? [] : [parent.sha],
  });
  const { sha } = shaSchema.parse(commit.data);
  // Never forced: a head that moved meanwhile is refused (422), and the next try builds on it.
  if (parent === null) await git.createRef({ ...place, ref: `refs/heads/${at.branch}`, sha });
  else await git.updateRef({ ...place, ref: `heads/${at.branch}`, sha, force: false });
  return sha;
}

async function headOf(octokit: Octokit, { repository, branch }: ReceiptsBranch): Promise<string | null> {
  try {
    const answer = await octokit.rest.git.getRef({ ...repositoryOf(repository), ref: `heads/${branch}` });
    return refSchema.parse(answer.data).object.sha;
  } catch (error) {
    if (failureOf(error).status === 404) return null;
    throw error;
  }
}
