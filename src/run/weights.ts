import { realpathSync } from 'node:fs';
import { z } from 'zod';
import { type Complaint, ConfigError, ModelError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { show } from '../config/show.ts';
import type { Client } from '../inference/client.ts';
import { isFault } from '../inference/fault.ts';
import { readPatiently } from '../inference/read-patiently.ts';
import { readServedNames, type ServedIdentity, ServerChangedError } from '../inference/served.ts';
import type { GateInputs } from './gate-inputs.ts';
import { hashModel } from './hash-model.ts';

/** Whose weights are measured: the servers of a run whose candidate states a digest. */
export interface WeightsRequest {
  readonly policy: Pick<Policy, 'binding'>;
  /** As the candidate file states it. */
  readonly digest: string | null;
  readonly replicas: readonly Client[];
  /** With the digest of before, once the run is under way: another one is then another server. */
  readonly served: Pick<ServedIdentity, 'root' | 'weightsSha256'>;
  readonly signal: AbortSignal;
}

/**
 * The digest of the weights that are served, where the trusted policy says how it is known: hashed here, from the files
 * that a server on this machine was started from, or told by an endpoint of the serving host. Either says something of the
 * asked model only: the endpoint names it in its answer, or the server has no other.
 *
 * @returns 64 hexadecimal digits, or null where the policy names no way or the candidate states no digest
 * @throws ModelError WEIGHTS_UNKNOWN where the way that the policy names tells nothing of this model, WEIGHTS_DIFFER where
 *   other weights are served than the candidate file states; ConfigError WEIGHTS_ELSEWHERE where the files are not the
 *   server's, or not its only model's
 */
export async function readWeights(request: WeightsRequest): Promise<string | null> {
  const { digestEndpoint, files } = request.policy.binding;
  if (request.digest === null) return null;
  const stated = request.digest.replace(/^sha256:/, '');
  if (files !== undefined) {
    requireOwnServer(request, files);
    for (const replica of request.replicas) await requireOnlyModel(replica, request.signal);
    const { digest } = await hashModel(files);
    return requireStated(request, digest.replace(/^sha256:/, ''), `binding.files ${files}`);
  }
  if (digestEndpoint === undefined) return null;
  for (const replica of request.replicas) {
    const told = await readTold(replica, digestEndpoint, request.signal);
    requireStated(request, told, replica.endpoint.namedBy);
  }
  return stated;
}

/** What is known of the served weights beside their name: nothing, or that they are the candidate's. */
export async function weightsOf(
  { loaded: { policy }, candidate: { digest } }: GateInputs,
  servers: Pick<WeightsRequest, 'replicas' | 'served'>,
  signal: AbortSignal,
): Promise<Pick<ServedIdentity, 'weightsSha256'>> {
  const weightsSha256 = await readWeights({ policy, digest, ...servers, signal });
  return weightsSha256 === null ? {} : { weightsSha256 };
}

const toldSchema = z.object({
  digest: z.string().regex(/^(sha256:)?[0-9a-f]{64}$/),
  model: z.string().nullish(),
});

/** The digest that the host tells of the model that is asked, and of no other that it has loaded beside. */
async function readTold(replica: Client, path: string, signal: AbortSignal): Promise<string> {
  const { model, namedBy } = replica.endpoint;
  const where = `${namedBy} ${path}`;
  const query = new URLSearchParams({ model }).toString();
  const told = await readPatiently(replica, `/${path}?${query}`, signal);
  const parsed = toldSchema.safeParse(told);
  if (!parsed.success) {
    const got = told === undefined ? 'nothing there' : isFault(told) ? told.detail : show(told);
    const remedy =
      'have the serving host answer it (mixgate model digest prints one), or take binding.digestEndpoint out';
    throw unknown({ where, expected: `${toldShape}, the root digest of the loaded weights`, got, remedy });
  }
  const { digest, model: echoed } = parsed.data;
  if (echoed !== model) await requireNoOther({ replica, where, echoed, signal });
  return digest.replace(/^sha256:/, '');
}

const toldShape = '{"digest": "sha256:<64 hexadecimal digits>"}';

/** Without the model's name in it, a digest can only be that of a server's one model. */
async function requireNoOther(told: {
  readonly replica: Client;
  readonly where: string;
  readonly echoed: string | null | undefined;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { replica, where, echoed, signal } = told;
  const expected = `"model": ${show(replica.endpoint.model)} in the answer, the model that ?model= asks for`;
  const remedy = 'have the answer name the model whose digest it is, or serve this model alone';
  if (echoed != null) throw unknown({ where, expected, got: show(echoed), remedy });
  const names = await readServedNames(replica, signal);
  if (names.length !== 1) throw unknown({ where, expected, got: `no "model", and ${listed(names)}`, remedy });
}

function unknown(complaint: Omit<Complaint, 'code'>): ModelError {
  return new ModelError({ code: 'WEIGHTS_UNKNOWN', ...complaint });
}

function requireStated({ digest, served }: WeightsRequest, found: string, where: string): string {
  const stated = digest?.replace(/^sha256:/, '') ?? '';
  if (found === stated) return found;
  const before = served.weightsSha256;
  if (before !== undefined)
    throw new ServerChangedError({ field: 'weightsSha256', before, after: found }, where);
  throw new ModelError({
    code: 'WEIGHTS_DIFFER',
    where,
    expected: `weights with the digest ${stated}, as the candidate file states`,
    got: found,
    remedy: 'serve the weights that are released, or correct digest in the candidate file',
  });
}

/** Files say something only of a server on this machine that was started from them. */
function requireOwnServer({ replicas, served: { root } }: WeightsRequest, files: string): void {
  for (const { endpoint } of replicas) {
    const { hostname } = new URL(endpoint.baseUrl);
    if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) continue;
    throw elsewhere({
      where: endpoint.namedBy,
      expected: 'a server on this machine, since binding.files are hashed here',
      got: show(hostname),
    });
  }
  // A path that is not there is missed by whoever hashes it.
  if (root !== null && isSamePlace(root, files)) return;
  throw elsewhere({
    where: 'the server’s root',
    expected: `${files}, as in binding.files`,
    got: show(root ?? 'none that it tells'),
  });
}

/** What a server says of its root may be that of any model it has. */
async function requireOnlyModel(replica: Client, signal: AbortSignal): Promise<void> {
  const names = await readServedNames(replica, signal);
  if (names.length === 1) return;
  const expected = 'one model in its list, since binding.files are those of one';
  throw elsewhere({ where: replica.endpoint.namedBy, expected, got: listed(names) });
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'no list of models';
  const shown = names.slice(0, 4).map((name) => show(name.slice(0, 120)));
  return `${names.length} in the list of models: ${shown.join(', ')}${names.length > 4 ? ', ...' : ''}`;
}

function isSamePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function elsewhere({ where, expected, got }: Pick<Complaint, 'where' | 'expected' | 'got'>): ConfigError {
  return new ConfigError({
    code: 'WEIGHTS_ELSEWHERE',
    where,
    expected,
    got,
    remedy:
      'start the server in this job from the path in binding.files alone, or bind by binding.digestEndpoint',
  });
}
