import { realpathSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, ModelError } from '../config/errors.ts';
import { show } from '../config/parse-strict.ts';
import type { Policy } from '../config/policy.ts';
import type { Client } from '../inference/client.ts';
import { isFault } from '../inference/fault.ts';
import { readPatiently } from '../inference/read-patiently.ts';
import { type ServedIdentity, ServerChangedError } from '../inference/served.ts';
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
 * that a server on this machine was started from, or told by an endpoint of the serving host.
 *
 * @returns 64 hexadecimal digits, or null where the policy names no way or the candidate states no digest
 * @throws ModelError WEIGHTS_UNKNOWN where the way that the policy names tells nothing, WEIGHTS_DIFFER where other weights
 *   are served than the candidate file states; ConfigError WEIGHTS_ELSEWHERE where the files are not the server's
 */
export async function readWeights(request: WeightsRequest): Promise<string | null> {
  const { digestEndpoint, files } = request.policy.binding;
  if (request.digest === null) return null;
  const stated = request.digest.replace(/^sha256:/, '');
  if (files !== undefined) {
    requireOwnServer(request, files);
    const { digest } = await hashModel(files);
    return requireStated(request, digest.replace(/^sha256:/, ''), `binding.files ${files}`);
  }
  if (digestEndpoint === undefined) return null;
  for (const replica of request.replicas) {
    const { namedBy } = replica.endpoint;
    const told = await readPatiently(replica, `/${digestEndpoint}`, request.signal);
    requireStated(request, parseTold(told, `${namedBy} ${digestEndpoint}`), namedBy);
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

const toldSchema = z.object({ digest: z.string().regex(/^(sha256:)?[0-9a-f]{64}$/) });

function parseTold(told: unknown, where: string): string {
  const parsed = toldSchema.safeParse(told);
  if (parsed.success) return parsed.data.digest.replace(/^sha256:/, '');
  throw new ModelError({
    code: 'WEIGHTS_UNKNOWN',
    where,
    expected: '{"digest": "sha256:<64 hexadecimal digits>"}, the root digest of the loaded weights',
    got: told === undefined ? 'nothing there' : isFault(told) ? told.detail : show(told),
    remedy:
      'have the serving host answer it (mixgate model digest prints one), or take binding.digestEndpoint out',
  });
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
    throw elsewhere(
      endpoint.namedBy,
      'a server on this machine, since binding.files are hashed here',
      hostname,
    );
  }
  // A path that is not there is missed by whoever hashes it.
  if (root !== null && isSamePlace(root, files)) return;
  throw elsewhere('the server’s root', `${files}, as in binding.files`, root ?? 'none that it tells');
}

function isSamePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function elsewhere(where: string, expected: string, got: string): ConfigError {
  return new ConfigError({
    code: 'WEIGHTS_ELSEWHERE',
    where,
    expected,
    got: show(got),
    remedy: 'start the server in this job from the path in binding.files, or bind by binding.digestEndpoint',
  });
}
