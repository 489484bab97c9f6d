import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type CandidateRecord, readCandidate, undeclaredCandidate } from '../config/candidate.ts';
import { ConfigError } from '../config/errors.ts';
import type { Log } from '../config/log.ts';
import type { Policy } from '../config/policy.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { type LoadedPolicy, readPolicy } from '../config/read-policy.ts';
import { type Canary, parseCanaries } from '../judge/canaries.ts';
import type { NamedCard } from '../judge/judge-card.ts';
import { shippedFile } from '../package-root.ts';
import { type Baseline, baselineFiles, parseBaseline } from '../receipt/baseline.ts';
import { sha256 } from '../receipt/digest.ts';
import type { Subject } from '../receipt/statement.ts';
import { fitBudget, refuseSmallBudget } from '../suite/budget-fit.ts';
import { countRequests } from '../suite/cost.ts';
import { buildPlan, type Plan } from '../suite/plan.ts';
import { dryRunNote } from '../suite/redacted.ts';
import type { SourceRows } from '../suite/source-file.ts';
import { loadSources, type Sources } from '../suite/sources.ts';
import { refuseBaselineAsOut } from './folders.ts';
import type { ComparedWhen, GateRequest } from './gate-request.ts';
import { cachedHub, type HubAccess, reachableHub } from './hub.ts';
import { doubtsOf, readCard } from './read-card.ts';
import { readSources } from './read-sources.ts';

/** Everything that a run reads from the disk before it meets a server. */
export interface GateInputs {
  readonly loaded: LoadedPolicy;
  readonly sources: Sources;
  readonly plan: Plan;
  readonly candidate: CandidateRecord;
  /** The candidate file by its bytes, for the statement. */
  readonly candidateFile: Subject | undefined;
  readonly canaries: SourceRows<Canary>;
  readonly card: NamedCard | undefined;
  readonly baseline: Baseline | undefined;
}

/** @throws ConfigError or EvidenceError naming file, line and what to do */
export async function readGateInputs(
  request: Pick<GateRequest, 'policyPath' | 'candidatePath' | 'model' | 'baselineDir' | 'outDir'>,
  signal: AbortSignal,
): Promise<GateInputs> {
  refuseBaselineAsOut(request);
  const { loaded, sources, plan } = await readSuite(request.policyPath, reachableHub(signal));
  const canaries = readCanaries(loaded);
  const { policy, path } = loaded;
  const cost = {
    ...countRequests(plan.trials.length, policy, canaries.rows.length),
    tokenCounts: 'none',
  } as const;
  refuseSmallBudget(fitBudget(policy, cost), plan.trials.length, path);
  return {
    loaded,
    sources,
    plan,
    candidate: pickCandidate(request),
    candidateFile: describeCandidateFile(request.candidatePath),
    canaries,
    card: readCard(loaded),
    baseline: request.baselineDir === undefined ? undefined : readBaseline(request.baselineDir),
  };
}

/** A policy with its suite laid out: what `plan` and `run` share. Only a run may fetch from a hub. */
export async function readSuite(
  policyPath: string,
  hub: HubAccess = cachedHub(),
): Promise<Pick<GateInputs, 'loaded' | 'sources' | 'plan'>> {
  const loaded = readPolicy(policyPath);
  const read = await readSources(loaded.policy, dirname(resolve(policyPath)), hub);
  const sources = loadSources(loaded.policy.suite, read);
  return { loaded, sources, plan: buildPlan(loaded.policy, sources) };
}

function describeCandidateFile(path: string | undefined): Subject | undefined {
  if (path === undefined) return undefined;
  const bytes = readNamedFile(path, { what: 'a candidate file', named: '--candidate' });
  return { name: basename(path), digest: { sha256: sha256(bytes) } };
}

/** @throws ConfigError MODEL_MISSING, MODEL_AMBIGUOUS, or on the candidate file */
export function pickCandidate({
  candidatePath,
  model,
}: Pick<GateRequest, 'candidatePath' | 'model'>): CandidateRecord {
  if (candidatePath !== undefined) {
    const candidate = readCandidate(candidatePath);
    if (model === undefined || model === candidate.model) return candidate;
    throw new ConfigError({
      code: 'MODEL_AMBIGUOUS',
      where: '--model',
      expected: `${JSON.stringify(candidate.model)}, as the candidate file says`,
      got: JSON.stringify(model),
      remedy: 'name the model once, in the candidate file or by --model',
    });
  }
  if (model !== undefined && model !== '') return undeclaredCandidate(model);
  throw new ConfigError({
    code: 'MODEL_MISSING',
    where: '--model',
    expected: 'the served name of the candidate',
    got: 'nothing',
    remedy: 'give --model NAME, or --candidate FILE with a model in it',
  });
}

/** The labelled canaries of a policy, the shipped ones unless it names others. @throws ConfigError on the file */
export function readCanaries({ policy, path }: LoadedPolicy): SourceRows<Canary> {
  const named = policy.judge.canaries;
  const file =
    named === undefined ? shippedFile('fixtures', 'canaries.jsonl') : resolve(dirname(resolve(path)), named);
  return parseCanaries(
    readNamedFile(file, { what: 'labelled canaries', named: 'judge.canaries in the policy' }),
    file,
  );
}

/**
 * @param named the option or argument that names the folder
 * @throws EvidenceError or ConfigError: a baseline that is named and cannot be used is an error, not an absence
 */
export function readBaseline(dir: string, named = '--baseline'): Baseline {
  const read = (name: string) =>
    readNamedFile(join(dir, name), { what: `the baseline’s ${name}`, named }).toString('utf8');
  const accepted = join(dir, baselineFiles.acceptance);
  return parseBaseline({
    dir,
    receipt: read(baselineFiles.receipt),
    ledger: read(baselineFiles.ledger),
    acceptance: existsSync(accepted) ? read(baselineFiles.acceptance) : undefined,
  });
}

/** Tells what a user should know before the run costs anything. */
export function warnBeforeRun(
  { loaded: { policy }, plan, baseline, card }: GateInputs,
  compared: ComparedWhen,
  log: Log,
): void {
  if (policy.suite.layout === 'block' && policy.suite.draws < 8) {
    log.warn(`suite.draws is ${policy.suite.draws}; fewer than 8 blocks give no verdict`);
  }
  for (const doubt of doubtsOf(policy, card)) log.warn(doubt);
  const dryRun = dryRunNote(policy);
  if (dryRun !== undefined) log.warn(dryRun);
  const bare = baseline === undefined && policy.baseline !== 'none' && compared === 'asItGoes';
  if (bare && needsBaseline(policy)) {
    log.warn(
      'no baseline is given and the policy does not say `baseline: none`: its increase checks cannot be settled',
    );
  }
  log.info(`plan: ${plan.conditions.length} conditions, ${plan.trials.length} trials`);
}

function needsBaseline({ checks }: Policy): boolean {
  return [
    checks.controlCompliance.maxDecrease,
    checks.zeroShotCompliance?.maxIncrease,
    checks.mixedCompliance?.maxIncrease,
    checks.mixedCompliance?.maxIncreaseAnyCondition,
    checks.amplification?.maxIncreaseOverBaseline,
    checks.recencySpread?.maxIncrease,
  ].some((limit) => limit !== undefined);
}
