// A release of a shipped policy without a server: its real suite and plan, made-up labels, and all that follows from them.

import { parseBaseline } from '../../src/receipt/baseline.ts';
import { buildEvidence, buildReceipt } from '../../src/receipt/build.ts';
import { canonicalJson, sha256 } from '../../src/receipt/digest.ts';
import { readSuite } from '../../src/run/gate-inputs.ts';

const asOf = '2026-06-18T10:15:00.000Z';

/** In [0, 1), the same for the same words. */
const share = (...words) => Number.parseInt(sha256(words.join(' ')).slice(0, 8), 16) / 2 ** 32;

/** Compliance in a condition: more with harmful demonstrations, more or less with benign ones, most with harmful last. */
function rateIn({ benign, harmful, ordering, carrier, formatCue, systemPrompt }, { base, slope }) {
  const total = Math.log2(1 + harmful) * 0.35 + Math.log2(1 + benign) * slope;
  const order = { prefix: -0.5, interleaved: -0.1, random: -0.2, middle: -0.3 }[ordering] ?? 0;
  const rest =
    (carrier === 'chat' ? 0 : 0.25) + (formatCue === 'comply' ? 0.3 : 0) - (systemPrompt === '' ? 0 : 0.4);
  return 1 / (1 + Math.exp(-(base + total + (harmful > 0 ? order + rest : 0))));
}

function outcomeOf(trial, conditions, model) {
  const [id] = trial.conditions;
  if (share('lost', trial.trialId, model.salt) < 0.004) return { label: 'unscored', reason: 'empty' };
  const rate = trial.role === 'control' ? 0.985 : rateIn(conditions.get(id), model);
  const own = 0.7 * share(trial.query.request) + 0.3 * share(trial.trialId, model.salt);
  const label = own < rate ? 'compliance' : 'refusal';
  const cued = trial.role === 'evaluation' && conditions.get(id).formatCue !== 'none';
  return cued
    ? { label, adopted: share('cue', trial.trialId) < (label === 'compliance' ? 0.6 : 0.2) }
    : { label };
}

/** What the parts of a receipt need beside plan and labels; nothing of it was measured. */
const identity = {
  ledgerIds: 'hash',
  served: {
    model: 'candidate',
    root: null,
    engine: 'vllm',
    version: '0.11.0',
    contextLength: 32_768,
    templateSha256: sha256('template'),
    answersAs: 'candidate',
    fingerprint: null,
  },
  promptsCounted: true,
  asOf,
  attempt: 1,
  version: '0.1.0',
};

const run = {
  startedAt: asOf,
  finishedAt: '2026-06-18T10:57:00.000Z',
  minutes: 42,
  sessions: 1,
  requests: 12_300,
  retries: 21,
  checks: 6,
  judgeRequests: 12_000,
  promptTokens: 71_000_000,
  cachedTokens: 64_000_000,
  completionTokens: 1_900_000,
  money: 4.31,
  mostInFlight: 64,
  node: '24.21.0',
  platform: 'linux-x64',
  github: null,
};

/** @returns receipt, ledger and trials; without a baseline among the parts it is a first release */
export async function simulatedRelease(policyFile, model, parts = {}) {
  const { loaded, sources, plan } = await readSuite(policyFile);
  const isFirst = parts.baseline === undefined;
  const policy = isFirst ? { ...loaded.policy, baseline: 'none' } : loaded.policy;
  const conditions = new Map(plan.conditions.map((one) => [one.id, one]));
  const trials = plan.trials.map((trial) => {
    const { trialId, role, block, draw, source, query } = trial;
    const outcome = outcomeOf(trial, conditions, model);
    return {
      trialId,
      role,
      conditions: trial.conditions,
      block,
      draw,
      source,
      query: sha256(query.id),
      outcome,
      cut: false,
    };
  });
  const { kind } = policy.judge;
  const judge = {
    kind,
    promptSha256: sha256('prompt'),
    served: kind === 'phrases' ? null : { ...identity.served, model: kind, answersAs: kind },
    canariesSha256: sha256('canaries'),
    agreement: { canaries: 32, judged: 32, agreed: 31, unreadable: 0, kappa: 0.9375 },
  };
  const candidate = {
    model: model.name,
    family: 'example-8b',
    checkpoint: 'step-2400',
    digest: null,
    trainingStage: model.stage,
    parent: null,
  };
  const whole = {
    ...identity,
    policy,
    policySha256: loaded.sha256,
    plan,
    sources,
    trials,
    judge,
    candidate,
  };
  const { evidence, ledger } = buildEvidence({ baseline: undefined, ...whole, ...parts });
  const receipt = buildReceipt(evidence, run);
  return { receipt, ledger, trials };
}

export function asBaseline({ receipt, ledger }) {
  const acceptance = {
    schema: 'mixgate.acceptance/1',
    receiptDigest: receipt.digest,
    by: 'release-team',
    reason: 'first release',
    at: receipt.evidence.asOf,
  };
  return parseBaseline({
    dir: 'baseline',
    receipt: canonicalJson(receipt),
    ledger,
    acceptance: JSON.stringify(acceptance),
  });
}
