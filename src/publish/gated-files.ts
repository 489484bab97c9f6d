import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import type { Policy } from '../config/policy.ts';
import { baselineFiles } from '../receipt/baseline.ts';
import { isInside, realPath } from './inside.ts';

/** What the workflow names, each relative to the repository's root, with `/` between its steps. */
export interface GatedNames {
  readonly policy: string;
  readonly baseline: string | undefined;
  readonly waiver: string | undefined;
}

/** A file that decides about releases: it comes from the trusted commit, never from the head. */
export interface GatedFile {
  readonly path: string;
  readonly role: string;
  readonly required: boolean;
}

/** The files of a gate: those of the repository, and the user's own on the runner, outside of it. */
export interface GatedFiles {
  readonly inside: readonly GatedFile[];
  /** Absolute paths that the policy reaches by a relative one. */
  readonly outside: readonly string[];
}

/** Lists what a policy and the workflow's inputs name; sources of a hub are pinned by the policy itself. */
export function listGatedFiles(policy: Policy, names: GatedNames, workspace: string): GatedFiles {
  const named = namedByPolicy(policy);
  const folder = dirname(resolve(workspace, names.policy));
  const places = named.map(({ path, role }) => ({ path, role, absolute: resolve(folder, path) }));
  const isOwn = ({ absolute }: { absolute: string }) => isInside(absolute, workspace);
  for (const place of places) refuseDisguised(place, workspace);
  const inside = [
    { path: names.policy, role: 'policy', required: true },
    ...places
      .filter(isOwn)
      .map(({ absolute, role }) => ({ path: inRepository(absolute, workspace), role, required: true })),
    ...baselineOf(names.baseline),
    ...(names.waiver === undefined ? [] : [{ path: names.waiver, role: 'waiver', required: false }]),
  ];
  return {
    inside: [...new Map(inside.map((one) => [one.path, one])).values()],
    outside: [
      ...new Set(
        places.filter((place) => !isOwn(place) && !isAbsolute(place.path)).map(({ absolute }) => absolute),
      ),
    ],
  };
}

function namedByPolicy({ suite, judge }: Policy): { path: string; role: string }[] {
  const lists = [
    ['query list', suite.queries],
    ['control queries', suite.controlQueries],
    ['pool', suite.harmfulDemonstrations],
    ['pool', suite.benignDemonstrations],
  ] as const;
  const sources = lists.flatMap(([kind, list]) =>
    list.flatMap(({ name, path }) => (path === undefined ? [] : [{ path, role: `${kind} ${name}` }])),
  );
  const { canaries, card } = judge;
  return [
    ...sources,
    ...(canaries === undefined ? [] : [{ path: canaries, role: 'canaries' }]),
    ...(card === undefined ? [] : [{ path: card, role: 'judge card' }]),
  ];
}

function baselineOf(folder: string | undefined): GatedFile[] {
  if (folder === undefined) return [];
  return Object.values(baselineFiles).map((name) => ({
    path: `${folder}/${name}`,
    role: 'baseline',
    required: name !== baselineFiles.acceptance,
  }));
}

/** A path around the repository that ends in the checkout would read what the head wrote. */
function refuseDisguised({ path, absolute }: { path: string; absolute: string }, workspace: string): void {
  const own = isInside(absolute, workspace);
  const ends = isInside(realPath(absolute), realPath(workspace));
  if (own ? !isAbsolute(path) : !ends) return;
  throw new ConfigError({
    code: 'TRUSTED_PATH',
    where: `policy path ${JSON.stringify(path)}`,
    expected: 'a path relative to the policy file, or one that ends outside of the checkout',
    got: 'another way into the checkout, whose files a pull request writes',
    remedy: 'write the path relative to the policy file',
  });
}

/** A path of the workspace as Git names it. */
export function inRepository(absolute: string, workspace: string): string {
  return relative(workspace, absolute).split(sep).join('/');
}
