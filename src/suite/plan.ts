import { createHash, hash } from 'node:crypto';
import type { Policy } from '../config/policy.ts';
import { type Condition, controlPlaces, listConditions } from './condition.ts';
import { type Context, recallContext } from './context.ts';
import type { Block } from './deal.ts';
import type { DrawnDemonstrations } from './draw.ts';
import { fillCondition } from './fill.ts';
import { groupBy } from './group-by.ts';
import { type Sitting, seatQueries } from './layout.ts';
import { inPrefixOrder } from './prefix-order.ts';
import { countRowsUsed, type RowsUsed } from './rows-used.ts';
import type { Demonstration, Query } from './source-file.ts';
import type { Sources } from './sources.ts';

export type { RowsUsed } from './rows-used.ts';

/** One query in one context, with all that is needed to ask it; `conditions` share it when their messages agree. */
export interface PlannedTrial {
  readonly trialId: string;
  readonly role: 'evaluation' | 'control';
  readonly conditions: readonly string[];
  /** The unit of clustering: the draw under `block`, the query under `perQuery`. */
  readonly block: number;
  readonly draw: number;
  readonly context: Context;
  readonly source: string;
  readonly query: Query;
  readonly seed: number;
}

/** The suite before it runs: trials in the order in which they are asked, block by block, prefix by prefix. */
export interface Plan {
  readonly conditions: readonly Condition[];
  /** Conditions in which control queries are asked too. */
  readonly controlConditions: readonly string[];
  readonly trials: readonly PlannedTrial[];
  readonly rowsUsed: {
    readonly queries: RowsUsed;
    readonly controls: RowsUsed;
    readonly demonstrations: RowsUsed;
  };
  readonly sha256: string;
}

/** The settings of an answer that belong to a trial's identity. */
type TrialSampling = Pick<
  Policy['sampling'],
  'temperature' | 'topP' | 'maxTokens' | 'maxReasoningTokens' | 'seed'
>;

/**
 * Lays out the whole suite. The same policy, files and seed give the same plan, byte for byte, on every machine.
 *
 * @throws ConfigError where a pool or a query list has too few rows
 */
export function buildPlan(policy: Policy, sources: Sources): Plan {
  const conditions = listConditions(policy);
  const controlConditions = controlPlaces(conditions);
  const sittings = seatQueries(policy.suite, sources, conditions);
  const setting = { policy, conditions, controlConditions, prompts: systemPromptsOf(policy) };
  const trials = sittings.flatMap((sitting) => trialsOfSitting(sitting, setting));
  const rowsUsed = countRowsUsed({ sources, sittings, conditions, controlConditions });
  return { conditions, controlConditions, trials, rowsUsed, sha256: planDigest(conditions, trials) };
}

/** What all sittings share. */
interface Setting {
  readonly policy: Policy;
  readonly conditions: readonly Condition[];
  readonly controlConditions: readonly string[];
  readonly prompts: ReadonlyMap<string, string>;
}

/** System prompts by the name that conditions give them; the policy's own has none. */
function systemPromptsOf({ sampling, suite }: Policy): ReadonlyMap<string, string> {
  const others = suite.sweeps.systemPrompts.map(({ name, text }) => [name, text] as const);
  return new Map([['', sampling.systemPrompt], ...others]);
}

interface SharedContext {
  readonly context: Context;
  readonly conditions: readonly string[];
}

function trialsOfSitting(sitting: Sitting, setting: Setting): PlannedTrial[] {
  const { queries, controls, block, draw, repeat } = sitting;
  const { sampling } = setting.policy;
  return contextsOf(sitting, setting).flatMap(({ context, conditions }) => {
    const make = (role: PlannedTrial['role'], asked: Block, shown: readonly string[]) =>
      asked.map(({ source, query }): PlannedTrial => {
        const identity = trialIdentity(context, query, sampling, repeat);
        return { ...identity, role, conditions: shown, block, draw, context, source, query };
      });
    const controlled = conditions.filter((id) => setting.controlConditions.includes(id));
    return [
      ...make('evaluation', queries, conditions),
      ...(controlled.length > 0 ? make('control', controls, controlled) : []),
    ];
  });
}

/** The distinct contexts of one sitting in prefix order, each with the conditions that share it. */
function contextsOf({ drawn, draw, queries }: Sitting, setting: Setting): SharedContext[] {
  const { conditions, controlConditions, prompts } = setting;
  const shared = new Map<string, Filled & { conditions: string[] }>();
  for (const condition of conditions) {
    // Control queries that sit alone are asked in few conditions.
    if (queries.length === 0 && !controlConditions.includes(condition.id)) continue;
    const filled = fillContext(condition, drawn, draw, prompts.get(condition.systemPrompt) ?? '');
    const known = shared.get(filled.context.sha256);
    if (known === undefined) shared.set(filled.context.sha256, { ...filled, conditions: [condition.id] });
    else known.conditions.push(condition.id);
  }
  // In the tree of prefixes the form comes first, then row after row.
  const byForm = groupBy(shared.values(), ({ form }) => form);
  return [...byForm.values()]
    .flatMap((alike) => inPrefixOrder(alike, ({ demonstrations }) => demonstrations))
    .map(({ context, conditions: ids }) => ({ context, conditions: ids }));
}

/** A context, and what its messages begin with. */
interface Filled {
  readonly context: Context;
  readonly form: string;
  readonly demonstrations: readonly Demonstration[];
}

function fillContext(
  condition: Condition,
  drawn: DrawnDemonstrations,
  draw: number,
  systemPrompt: string,
): Filled {
  const { carrier } = condition;
  const demonstrations = fillCondition(condition, drawn);
  const context = recallContext({ draw, carrier, systemPrompt, demonstrations }, recallFor(condition, drawn));
  return { context, form: `${context.carrier} ${systemPrompt}`, demonstrations };
}

/** In a function of its own, so that it holds nothing but the two: not the rows that were found just before. */
function recallFor(condition: Condition, drawn: DrawnDemonstrations): () => readonly Demonstration[] {
  return () => fillCondition(condition, drawn);
}

/**
 * The id that pairs candidate and baseline, and the trial's own seed: the first 31 bits of the SHA-256 of the
 * policy's root seed and the trial's identity without seed. Neither holds the candidate.
 *
 * @param repeat how often the query was asked before under `perQuery`, where the same messages may come again: they
 *   are then asked with another seed
 */
export function trialIdentity(
  context: Context,
  query: Query,
  sampling: TrialSampling,
  repeat = 0,
): { trialId: string; seed: number } {
  const { temperature, topP, maxTokens, maxReasoningTokens } = sampling;
  const settings = [temperature, topP, maxTokens, maxReasoningTokens];
  const identity = sha256(JSON.stringify([context.sha256, query.request, settings]));
  const root = [sampling.seed, identity, ...(repeat === 0 ? [] : [repeat])];
  const seed = Number.parseInt(sha256(JSON.stringify(root)).slice(0, 8), 16) >>> 1;
  return { trialId: sha256(JSON.stringify([identity, seed])), seed };
}

/** Characters. */
const digestPiece = 1 << 16;

function planDigest(conditions: readonly Condition[], trials: readonly PlannedTrial[]): string {
  const digest = createHash('sha256').update(JSON.stringify(conditions));
  // By many trials at a time: each update costs more than what it adds.
  let waiting = '';
  for (const { trialId, role, conditions: shown, block, draw, source } of trials) {
    waiting += JSON.stringify([trialId, role, shown, block, draw, source]);
    if (waiting.length < digestPiece) continue;
    digest.update(waiting);
    waiting = '';
  }
  digest.update(waiting);
  return digest.digest('hex');
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
