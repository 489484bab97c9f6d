import { judgeAgreement } from '../analysis/judge-agreement.ts';
import { labelChanges } from '../analysis/judge-stability.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import type { Canary } from '../judge/canaries.ts';
import { countsPrompts, markCutPrompts, type PromptTokens, publicIds } from '../judge/label-trials.ts';
import { buildEvidence, buildReceipt, type ReceiptParts, withLooks } from '../receipt/build.ts';
import { parseLedger } from '../receipt/ledger.ts';
import { parseShard, type ShardHeader, shardFiles } from '../receipt/shard-file.ts';
import type { LabelledTrial } from '../suite/outcome.ts';
import type { Plan } from '../suite/plan.ts';
import { version } from '../version.ts';
import { refuseBaselineAsOut, requireFolder } from './folders.ts';
import { readBaseline, readCanaries, readSuite } from './gate-inputs.ts';
import type { GateResult } from './gate-request.ts';
import { addRunRecords } from './merge-records.ts';
import { type LoadedShard, requireAllShards, requireRowsOfPlan, requireSameInputs } from './merge-rules.ts';
import { readCard } from './read-card.ts';
import { planOfShard } from './shard.ts';
import { removeReceiptFiles, writeReceiptFiles } from './write-receipt.ts';

/** What to merge; paths are absolute or relative to the working directory. */
export interface MergeRequest {
  readonly policyPath: string;
  /** The shards' `--out` folders, in any order. */
  readonly shardDirs: readonly string[];
  readonly baselineDir?: string | undefined;
  /** The key of the shards' ids, where its holder wants them held to the plan one by one. */
  readonly ledgerKey?: string | undefined;
  readonly outDir: string;
}

/**
 * Joins the shards of one run and concludes from them as `runGate` does: the evidence is that of a run in one piece,
 * byte for byte. Touches no network.
 *
 * @throws ConfigError or EvidenceError naming the shard and the field that is of another run, or what is missing
 */
export async function mergeShards(request: MergeRequest): Promise<GateResult> {
  refuseBaselineAsOut(request);
  const { loaded, sources, plan } = await readSuite(request.policyPath);
  const card = readCard(loaded);
  const canaries = readCanaries(loaded);
  const shards = requireAllShards(request.shardDirs.map(readShard));
  const [first] = shards;
  requireSameInputs(shards, {
    policySha256: loaded.sha256,
    planSha256: plan.sha256,
    canariesSha256: canaries.sha256,
    cardSha256: card?.sha256 ?? null,
    version,
  });
  const publicId = request.ledgerKey === undefined ? undefined : publicIds(request.ledgerKey);
  const { trials, promptTokens } = joinTrials(plan, shards, publicId);
  const baseline = request.baselineDir === undefined ? undefined : readBaseline(request.baselineDir);
  requireFolder(request.outDir, '--out');
  removeReceiptFiles(request.outDir);
  const headers = shards.map(({ header }) => header);
  const words = wordsOf(headers, canaries.rows);
  const changes = labelChanges(words, card && new Map(Object.entries(card.card.canaries.labels)));
  const { canariesSha256, cardSha256: _card, ...judge } = first.header.judge;
  const parts: ReceiptParts = {
    policy: loaded.policy,
    policySha256: loaded.sha256,
    plan,
    sources,
    trials: markCutPrompts(plan, trials, promptTokens),
    ledgerIds: first.header.ids.kind,
    candidate: first.header.candidate,
    served: joinServed(headers, first.header),
    judge: {
      ...judge,
      canariesSha256,
      agreement: { ...judgeAgreement(words), ...(changes === undefined ? {} : { changes }) },
      card,
    },
    baseline,
    promptsCounted: countsPrompts(plan, promptTokens),
    asOf: headers.map(({ asOf }) => asOf).reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a)),
    attempt: first.header.attempt,
    version,
  };
  const { evidence, ledger } = buildEvidence({ ...parts, trials: withLooks(parts) });
  const receipt = buildReceipt(evidence, addRunRecords(headers.map(({ run }) => run)));
  return { receipt, files: writeReceiptFiles({ outDir: request.outDir, receipt, ledger }) };
}

function readShard(dir: string): LoadedShard {
  const read = (name: string) =>
    readNamedFile(`${dir}/${name}`, { what: `the shard’s ${name}`, named: 'a folder to merge' }).toString(
      'utf8',
    );
  const labels = read(shardFiles.labels);
  const header = parseShard({ dir, header: read(shardFiles.header), labels });
  return { dir, header, trials: parseLedger(labels, `${dir}/${shardFiles.labels}`) };
}

/** All trials in plan order, each held to its place in the plan, with the server's counts by the plan's own ids. */
function joinTrials(
  plan: Plan,
  shards: readonly LoadedShard[],
  publicId: ((id: string) => string) | undefined,
): { readonly trials: LabelledTrial[]; readonly promptTokens: PromptTokens } {
  const promptTokens = new Map<string, number | null>();
  const rows = new Map<string, LabelledTrial>();
  for (const shard of shards) {
    const own = planOfShard(plan, shard.header.shard);
    requireRowsOfPlan(own, shard, publicId);
    own.trials.forEach(({ trialId }, index) => {
      const row = shard.trials[index];
      if (row !== undefined) rows.set(trialId, row);
      promptTokens.set(trialId, shard.header.promptTokens[index] ?? null);
    });
  }
  const trials = plan.trials.flatMap(({ trialId }) => rows.get(trialId) ?? []);
  return { trials, promptTokens };
}

/** What answers say of the server is absent where a shard had none: any that had some tells it. */
function joinServed(headers: readonly ShardHeader[], { served }: ShardHeader): ShardHeader['served'] {
  const told = headers.map((one) => one.served);
  return {
    ...served,
    answersAs: told.find(({ answersAs }) => answersAs !== null)?.answersAs ?? null,
    fingerprint: told.find(({ fingerprint }) => fingerprint !== null)?.fingerprint ?? null,
  };
}

/**
 * The canaries' words with the labels that people know. Each shard's moments are moments of their own; the first
 * shard's keep their names, so that every other one is held to the words before its trials.
 */
function wordsOf(headers: readonly ShardHeader[], canaries: readonly Canary[]) {
  const known = new Map(canaries.map(({ id, label }) => [id, label]));
  return headers.flatMap(({ shard, canaries: words }) =>
    words.flatMap(({ id, moment, judged }) => {
      const label = known.get(id);
      const at = shard.index === 1 ? moment : `${shard.index} ${moment}`;
      return label === undefined ? [] : [{ id, moment: at, known: label, judged }];
    }),
  );
}
