import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConfigError, ModelError } from '../config/errors.ts';
import { keyRemedy } from './address.ts';
import type { Client } from './client.ts';
import { contextTokens, type EngineDetails, readEngineDetails } from './engine-details.ts';
import { interrupted } from './exchange.ts';
import { type Fault, isFault } from './fault.ts';
import { listOf } from './list-of.ts';
import { readPatiently } from './read-patiently.ts';
import { serverWord, serverWordOrNull } from './server-word.ts';

/** What a server says that it serves; null where it does not say. */
export interface ServedIdentity {
  readonly model: string;
  readonly root: string | null;
  readonly engine: string | null;
  readonly version: string | null;
  readonly contextLength: number | null;
  readonly templateSha256: string | null;
  /** The model name in the answers; filled by the first one. */
  readonly answersAs: string | null;
  readonly fingerprint: string | null;
  /** Root digest of the weights, where the policy says how it is known. */
  readonly weightsSha256?: string | undefined;
}

const modelsSchema = z.object({
  data: listOf(
    z.object({
      id: z.string(),
      aliases: listOf(z.string(), { max: 10_000 }).nullish(),
      root: z.string().nullish(),
      parent: z.string().nullish(),
      owned_by: z.string().nullish(),
      max_model_len: contextTokens,
      meta: z.object({ n_ctx: contextTokens }).nullish(),
    }),
    { max: 10_000 },
  ),
});
type ModelCard = z.infer<typeof modelsSchema>['data'][number];

/** What a server serves, and what kind of server it is. */
export interface Met {
  readonly served: ServedIdentity;
  readonly engine: EngineDetails['engine'];
}

/**
 * Asks a server what it is and what it serves, before the first trial and after the last. It cannot prove which weights
 * it has: this is what it claims, and a claim that changes during a run ends the run.
 *
 * @throws ModelError UNREACHABLE, UNAUTHORIZED, or MODEL_NOT_SERVED with the names that are
 */
export async function meetServer(client: Client, signal: AbortSignal): Promise<Met> {
  const { model, apiKey } = client.endpoint;
  const entries = await readModelCards(client, signal);
  const entry = entries.find(({ id, aliases }) => id === model || (aliases ?? []).includes(model));
  if (entries.length > 0 && entry === undefined) throw notServed(client, entries);
  const owner = entry?.owned_by ?? null;
  const details = await readEngineDetails(client, owner, signal, (fault) => unreachable(client, fault));
  if (signal.aborted) throw interrupted();
  const { engine, template } = details;
  const served: ServedIdentity = {
    model,
    root: serverWordOrNull(details.root ?? entry?.root, apiKey),
    engine: engine === 'unknown' ? serverWordOrNull(owner, apiKey) : engine,
    version: serverWordOrNull(details.version, apiKey),
    contextLength: contextLengthOf(entry, entries, details),
    templateSha256: template === null ? null : createHash('sha256').update(template).digest('hex'),
    answersAs: null,
    fingerprint: null,
  };
  return { served, engine };
}

/** Empty where a server has no such list. */
async function readModelCards(client: Client, signal: AbortSignal): Promise<ModelCard[]> {
  const listed = await readPatiently(client, '/models', signal);
  if (signal.aborted) throw interrupted();
  if (isFault(listed) && !['http404', 'http405', 'http501'].includes(listed.code))
    throw unreachable(client, listed);
  const models = modelsSchema.safeParse(listed);
  return models.success ? models.data.data : [];
}

/**
 * The names of the models that a server lists, one for each entry; empty where it has no such list.
 *
 * @throws ModelError UNREACHABLE, UNAUTHORIZED
 */
export async function readServedNames(client: Client, signal: AbortSignal): Promise<string[]> {
  return (await readModelCards(client, signal)).map(({ id }) => serverWord(id, client.endpoint.apiKey));
}

/** What a server serves, as `meetServer` reads it. */
export async function readServedIdentity(client: Client, signal: AbortSignal): Promise<ServedIdentity> {
  return (await meetServer(client, signal)).served;
}

/** The least of what is told; an adapter's card has no length, and its base model's holds. */
function contextLengthOf(
  entry: ModelCard | undefined,
  entries: readonly ModelCard[],
  details: EngineDetails,
): number | null {
  const base = entries.find(({ id }) => entry?.parent != null && id === entry.parent);
  const told = [entry?.max_model_len ?? base?.max_model_len, entry?.meta?.n_ctx, details.contextLength];
  const lengths = told.flatMap((length) => (length == null ? [] : [length]));
  return lengths.length === 0 ? null : Math.min(...lengths);
}

interface IdentityChange {
  readonly field: keyof ServedIdentity;
  readonly before: string;
  readonly after: string;
}

/** @returns the first field in which two identities differ; what either does not know counts as equal */
export function identityChange(before: ServedIdentity, after: ServedIdentity): IdentityChange | undefined {
  for (const field of identityFields) {
    const [was = null, is = null] = [before[field], after[field]];
    if (was !== null && is !== null && was !== is) return { field, before: String(was), after: String(is) };
  }
  return undefined;
}

const identityFields = [
  'model',
  'root',
  'engine',
  'version',
  'contextLength',
  'templateSha256',
  'answersAs',
  'fingerprint',
  'weightsSha256',
] as const;

/** All from the list of models; what stands beside it may fail to answer at any time, and then says nothing. */
const fieldsOfList = ['root', 'engine', 'contextLength'] as const;

/** @returns the first field of the list of models that was told at the start and is not any more */
function identityGone(before: ServedIdentity, after: ServedIdentity): IdentityChange | undefined {
  const field = fieldsOfList.find((one) => before[one] !== null && after[one] === null);
  return field === undefined ? undefined : { field, before: String(before[field]), after: 'nothing' };
}

/** A server that is not what it was; `field` is what differs. */
export class ServerChangedError extends ModelError {
  readonly field: string;

  constructor(change: IdentityChange, namedBy: string) {
    super({
      code: 'SERVER_CHANGED',
      where: `${namedBy} ${change.field}`,
      expected: `${change.before}, as at the start of the run`,
      got: change.after,
      remedy: 'serve one checkpoint for the whole run; start again with an empty state directory',
    });
    this.field = change.field;
  }
}

/**
 * Holds a server, when it came back or at the end of a run, to what it said at the start. One that said what it serves
 * and has fallen silent since is another one too: a swapped checkpoint would otherwise only have to hide its name.
 *
 * @throws ServerChangedError that names the field
 */
export function requireSameServer(before: ServedIdentity, after: ServedIdentity, namedBy: string): void {
  const change = identityChange(before, after) ?? identityGone(before, after);
  if (change !== undefined) throw new ServerChangedError(change, namedBy);
}

/**
 * Replicas are one server in several places: what they say that they serve must agree, and one that says less than
 * another does not agree with it.
 *
 * @throws ConfigError REPLICAS_DIFFER that names field and replica
 */
export function requireAlike(first: ServedIdentity, other: ServedIdentity, namedBy: string): void {
  const less = identityGone(other, first);
  const change =
    identityChange(first, other) ??
    identityGone(first, other) ??
    (less && { field: less.field, before: less.after, after: less.before });
  if (change === undefined) return;
  throw new ConfigError({
    code: 'REPLICAS_DIFFER',
    where: `${namedBy} ${change.field}`,
    expected: `${change.before}, as the first replica says`,
    got: change.after,
    remedy:
      'start all replicas with the same checkpoint, engine, version and settings, or leave this one out',
  });
}

function unreachable(client: Client, fault: Fault): ModelError {
  const { namedBy } = client.endpoint;
  const denied = fault.code === 'http401' || fault.code === 'http403';
  return new ModelError({
    code: denied ? 'UNAUTHORIZED' : 'UNREACHABLE',
    where: namedBy,
    expected: 'a server that lists its models',
    got: fault.detail,
    remedy: denied ? keyRemedy(client.endpoint) : 'start the server, or correct the address',
  });
}

function notServed(client: Client, entries: readonly { id: string }[]): ModelError {
  const { model, apiKey, namedBy } = client.endpoint;
  const names = entries.slice(0, 8).map(({ id }) => JSON.stringify(serverWord(id, apiKey).slice(0, 120)));
  return new ModelError({
    code: 'MODEL_NOT_SERVED',
    where: `${namedBy} model`,
    expected: `one of the served names: ${names.join(', ')}`,
    got: JSON.stringify(model),
    remedy: 'name a model that the server lists, or serve this one under that name',
  });
}
