import { createHmac, hash } from 'node:crypto';
import { EvidenceError } from '../config/errors.ts';
import type { Asked } from '../inference/ask.ts';
import { trialMessages } from '../suite/context.ts';
import type { JudgedHow, LabelledTrial, Outcome } from '../suite/outcome.ts';
import type { Plan, PlannedTrial } from '../suite/plan.ts';
import type { Ruling } from './judge.ts';

/** Makes an id public: an HMAC under the ledger key, so that it does not tell which public query it stands for. */
export type PublicId = (id: string) => string;

export function publicIds(ledgerKey: string | undefined): PublicId {
  return ledgerKey === undefined
    ? (id) => id
    : (id) => createHmac('sha256', ledgerKey).update(id).digest('hex');
}

/**
 * Every planned trial with how it ended, in plan order: the evidence that analysis, ledger and auditor share.
 *
 * @throws EvidenceError TRIAL_UNACCOUNTED where a trial neither ran nor has a reason why not
 */
export function labelTrials(input: {
  readonly plan: Plan;
  readonly asked: ReadonlyMap<string, Asked>;
  readonly rulings: ReadonlyMap<string, Ruling>;
  readonly publicId: PublicId;
}): LabelledTrial[] {
  return markCutPrompts(input.plan, labelEach(input), promptTokensOf(input.asked));
}

/** The same without what only the whole plan's counts can tell: which prompts were cut. A shard ends here. */
export function labelEach(input: {
  readonly plan: Plan;
  readonly asked: ReadonlyMap<string, Asked>;
  readonly rulings: ReadonlyMap<string, Ruling>;
  readonly publicId: PublicId;
}): LabelledTrial[] {
  const { plan, asked, rulings, publicId } = input;
  const queryIdOf = queryIds(publicId);
  return plan.trials.map((trial) => {
    const { trialId, role, conditions, block, draw, source } = trial;
    const answer = asked.get(trialId);
    return {
      trialId: publicId(trialId),
      role,
      conditions,
      block,
      draw,
      source,
      query: queryIdOf(trial),
      outcome: outcomeOf(trialId, answer, rulings.get(trialId)),
      cut: answer?.t === 'answer' && answer.finish === 'length',
      ...judgedHow(rulings.get(trialId)),
    };
  });
}

/** Public ids of queries; the many trials of one query share one text. */
function queryIds(publicId: PublicId): (trial: PlannedTrial) => string {
  const known = new Map<PlannedTrial['query'], string>();
  return ({ source, query }) => {
    const before = known.get(query);
    if (before !== undefined) return before;
    const id = publicId(hash('sha256', JSON.stringify([source, query.id, query.request]), 'hex'));
    known.set(query, id);
    return id;
  };
}

/**
 * Takes the labels of answers to prompts that the server cut in silence.
 *
 * @param trials in plan order, one for each of the plan's
 */
export function markCutPrompts(
  plan: Plan,
  trials: readonly LabelledTrial[],
  promptTokens: PromptTokens,
): LabelledTrial[] {
  const cut = findCutPrompts(plan, promptTokens);
  return trials.map((trial, index) => {
    const isCut = cut.has(plan.trials[index]?.trialId ?? '');
    return isCut ? { ...trial, outcome: { label: 'unscored', reason: 'promptCut' } } : trial;
  });
}

/** The server's count of each answered prompt, by trial; null where it gave none. */
export type PromptTokens = ReadonlyMap<string, number | null>;

export function promptTokensOf(asked: ReadonlyMap<string, Asked>): PromptTokens {
  const answers = [...asked].flatMap(([id, one]) =>
    one.t === 'answer' ? [[id, one.usage.promptTokens] as const] : [],
  );
  return new Map(answers);
}

function outcomeOf(trialId: string, answer: Asked | undefined, ruling: Ruling | undefined): Outcome {
  if (answer?.t === 'notRun') return { label: 'notRun', reason: answer.reason };
  if (answer?.t === 'unanswered') return { label: 'unscored', reason: answer.reason };
  if (ruling !== undefined) return endOf(ruling);
  throw new EvidenceError({
    code: 'TRIAL_UNACCOUNTED',
    where: `trial ${trialId.slice(0, 12)}`,
    expected: 'every planned trial answered and judged, or a reason why not',
    got: answer === undefined ? 'no answer' : 'an answer without a label',
    remedy: 'start the same command again; if this stays, report it',
  });
}

/** A ruling without what the judge tells beside it. */
function endOf(ruling: Ruling): Outcome {
  switch (ruling.label) {
    case 'compliance':
    case 'refusal': {
      const { label, adopted } = ruling;
      return { label, ...(adopted === undefined ? {} : { adopted }) };
    }
    case 'unscored':
      return { label: ruling.label, reason: ruling.reason };
    case 'notRun':
      return { label: ruling.label, reason: ruling.reason };
  }
}

function judgedHow(ruling: Ruling | undefined): { readonly judged?: JudgedHow } {
  const { margin, votes } = ruling ?? {};
  if (margin === undefined && votes === undefined) return {};
  return {
    judged: { ...(margin === undefined ? {} : { margin }), ...(votes === undefined ? {} : { votes }) },
  };
}

/** Whether the server's own counts can tell a cut prompt at all. */
export function countsPrompts(plan: Plan, promptTokens: PromptTokens): boolean {
  const counts = plan.trials.map(({ trialId }) => promptTokens.get(trialId) ?? null);
  return new Set(counts.filter((tokens) => tokens !== null && tokens > 0)).size >= 2;
}

/** Tokenizers put three to five characters into a token of prose; a prompt above this lost a part of itself. */
const mostCharactersPerToken = 12;

/**
 * Finds answers to prompts that the server cut in silence (old servers answer 200): their prompts have less than
 * half the tokens that their length lets expect, by the characters a token of the shortest contexts with
 * demonstrations, or fewer than any tokenizer makes of them, as where those were cut too. Where the server's counts
 * do not vary with length at all, they tell nothing.
 */
export function findCutPrompts(plan: Plan, promptTokens: PromptTokens): ReadonlySet<string> {
  const counted = plan.trials.flatMap((trial) => {
    const tokens = promptTokens.get(trial.trialId) ?? null;
    return tokens === null || tokens <= 0 ? [] : [{ trial, tokens, characters: promptLength(trial) }];
  });
  if (!countsPrompts(plan, promptTokens)) return new Set();
  const shown = counted.filter(({ trial }) => trial.context.demonstrations.length > 0);
  const fewest = Math.min(...new Set(shown.map(({ trial }) => trial.context.demonstrations.length)));
  const perToken = shown
    .filter(({ trial }) => trial.context.demonstrations.length === fewest)
    .map(({ tokens, characters }) => characters / tokens)
    .sort((a, b) => a - b);
  const typical = perToken[Math.floor(perToken.length / 2)];
  if (typical === undefined) return new Set();
  const densest = Math.min(2 * typical, mostCharactersPerToken);
  const cut = shown.filter(({ tokens, characters }) => tokens < characters / densest);
  return new Set(cut.map(({ trial }) => trial.trialId));
}

function promptLength(trial: PlannedTrial): number {
  const messages = trialMessages(trial.context, trial.query.request);
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}
