import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalName, openJournal } from '../../src/inference/journal.ts';
import { checkJournal, readJournalEntries } from '../../src/inference/journal-check.ts';
import { canonicalJson, digestOf } from '../../src/receipt/digest.ts';
import { parseLedger } from '../../src/receipt/ledger.ts';
import { parseIntactReceipt, parseReceipt, receiptDigest } from '../../src/receipt/read-receipt.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { verifyReceipt } from '../../src/receipt/verify.ts';
import { renderComment } from '../../src/report/comment.ts';
import { renderReport } from '../../src/report/html.ts';
import { auditOf, complyingAt, releaseOf } from '../receipt/release.ts';
import { mutate, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';
import { attempt, demand, type Target } from './target.ts';

/** Two whole releases: one that passes and one that is blocked. */
const releases = [complyingAt(0.05), complyingAt(0.95)].map((rule) => releaseOf(rule));
const receipts = releases.map(({ receipt }) => Buffer.from(`${canonicalJson(receipt)}\n`));
const ledgers = releases.map(({ ledger }) => Buffer.from(ledger));

/** A receipt of somebody's making: never taken for whole, and whatever verifies says what the true ledger shows. */
export const receiptTarget: Target = {
  name: 'receipt',
  feed: async (random) => {
    const which = random.below(releases.length);
    const original = receipts[which] ?? Buffer.alloc(0);
    const kind = random.below(4);
    if (kind === 0)
      return await feedBytes(mutate(original, [...receipts, ...ledgers], random).toString('utf8'), original);
    if (kind === 1)
      return await attempt(() =>
        parseLedger(mutate(ledgers[which] ?? original, ledgers, random).toString('utf8'), 'ledger.jsonl'),
      );
    const changed = mutateJson(original.toString('utf8'), random);
    return kind === 2 ? await feedBytes(changed, original) : await feedResealed(changed, which, random);
  },
  close: async () => {},
};

async function feedBytes(text: string, original: Buffer): Promise<'taken' | 'refused'> {
  const whole = await attempt(() => parseIntactReceipt(text, 'receipt.json'));
  const same = canonical(text) === original.toString('utf8').trim();
  demand(whole === 'refused' || same, 'a receipt with changed bytes was taken for whole');
  return await attempt(() => {
    const receipt = parseReceipt(text, 'receipt.json');
    renderComment(receipt);
    renderReport(receipt);
  });
}

function canonical(text: string): string | undefined {
  try {
    return canonicalJson(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Both digests made anew over what was changed, as a forger would; the ledger is the true one. */
async function feedResealed(text: string, which: number, random: Random): Promise<'taken' | 'refused'> {
  const release = releases[which];
  if (release === undefined) return 'refused';
  let forged: Receipt | undefined;
  const parsed = await attempt(() => {
    const { evidence, run, ...rest } = parseReceipt(text, 'receipt.json');
    forged = {
      ...rest,
      evidence,
      run,
      evidenceDigest: digestOf(evidence),
      digest: receiptDigest({ evidence, run }),
    };
  });
  if (forged === undefined || random.below(8) > 0) return parsed;
  const named = { name: 'receipt.json', text: `${canonicalJson(forged)}\n` };
  const { ok } = verifyReceipt(auditOf(release, { receipt: named }));
  const shown = ({ verdict, checks, conditions }: Receipt['evidence']) =>
    digestOf({ verdict, checks, conditions });
  demand(!ok || shown(forged.evidence) === shown(release.receipt.evidence), 'a forged result verified');
  return ok ? 'taken' : 'refused';
}

const at = '2026-11-21T08:00:00.000Z';
const served = {
  ...{ model: 'm', root: null, engine: 'vllm', version: '1', contextLength: 4096 },
  ...{ templateSha256: null, answersAs: null, fingerprint: null },
};
const hex = 'a'.repeat(64);
const trialIds = Array.from({ length: 12 }, (_, index) => `${index}`.padStart(64, 'b'));
const journal = Buffer.from(
  [
    {
      ...{ t: 'run', format: 1, planSha256: hex, policySha256: hex, candidateSha256: hex, judgeSha256: hex },
      ...{ serversSha256: hex, workflowRun: null, baselineDigest: null, served, judgeServed: null, asOf: at },
    },
    { t: 'session', at },
    ...trialIds.flatMap((id) => [
      { t: 'sent', to: 'candidate', id, worst: { prompt: 9, cached: 0, completion: 9 }, at },
      {
        ...{
          t: 'answer',
          id,
          text: 'No.',
          finish: 'stop',
          reasoned: false,
          model: 'm',
          fingerprint: null,
          at,
        },
        usage: { promptTokens: 9, cachedTokens: null, completionTokens: 2 },
      },
      { t: 'judged', id, judgment: 'refusal', at },
    ]),
  ]
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join(''),
);

/** A state folder that a killed machine, a full disk or somebody left. */
export function openJournalTarget(): Target {
  const folder = mkdtempSync(join(tmpdir(), 'mixgate-fuzz-'));
  const file = join(folder, journalName);
  return {
    name: 'journal',
    feed: async (random) => {
      const input = mutate(journal, [journal, ...ledgers], random);
      writeFileSync(file, input);
      const opened = await attempt(() => openJournal(folder).close());
      await attempt(() => {
        const report = checkJournal(trialIds, readJournalEntries(file));
        demand(report.answered <= report.trials, 'more answers than trials');
      });
      return opened;
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
