import { ConfigError } from '../config/errors.ts';
import { nearestOf } from '../config/parse-strict.ts';
import type { Policy } from '../config/policy.ts';
import { cardRecord } from '../receipt/card-record.ts';
import { type Simulation, simulateGate } from '../simulate/simulate-gate.ts';
import { readWorld, type World } from '../simulate/world.ts';
import { matchedSource } from '../suite/list-mixtures.ts';
import { readCanaries, readSuite } from './gate-inputs.ts';
import { readCard } from './read-card.ts';

export interface SimulationRequest {
  readonly policyPath: string;
  readonly worldPath: string;
  readonly runs: number;
  readonly seed: number;
}

/** What was simulated, and what came of it. */
export interface SimulationSummary extends Simulation {
  readonly policy: string;
  readonly world: string;
  readonly planSha256: string;
  readonly trials: number;
  readonly seed: number;
}

/**
 * Lays out a policy’s suite and puts a world through it. Only places are taken from the suite’s files: a world stands
 * for real answers, so that placeholders do not count as such.
 *
 * @throws ConfigError on a policy, a source or a world, or a world’s name that the policy does not have
 */
export async function simulatePolicy(request: SimulationRequest): Promise<SimulationSummary> {
  const { policyPath, worldPath, runs, seed } = request;
  const world = readWorld(worldPath);
  const { loaded, plan } = await readSuite(policyPath);
  requireNames(world, loaded.policy, worldPath);
  const card = readCard(loaded);
  const { rows } = readCanaries(loaded);
  const known = (wanted: string) => rows.filter(({ label }) => label === wanted).length;
  const simulation = simulateGate({
    policy: loaded.policy,
    layout: plan,
    world,
    canaries: { compliance: known('compliance'), refusal: known('refusal') },
    card: card && cardRecord(card).tables,
    runs,
    seed: `${plan.sha256}/${seed}`,
  });
  return {
    policy: loaded.policy.name,
    world: world.name,
    planSha256: plan.sha256,
    trials: plan.trials.length,
    seed,
    ...simulation,
  };
}

/**
 * A name that the policy does not have would do nothing, unnoticed: most likely it is misspelt.
 *
 * @throws ConfigError WORLD_UNKNOWN_NAME
 */
function requireNames({ candidate, baseline }: World, { suite }: Policy, file: string): void {
  const sources = [...suite.benignDemonstrations.map(({ name }) => name), matchedSource];
  const prompts = suite.sweeps.systemPrompts.map(({ name }) => name);
  for (const [where, model] of [
    ['candidate', candidate] as const,
    ['baseline.model', baseline?.model] as const,
  ]) {
    requireKnown(`${file} ${where}.benignSources`, Object.keys(model?.benignSources ?? {}), sources);
    requireKnown(`${file} ${where}.systemPrompts`, Object.keys(model?.systemPrompts ?? {}), prompts);
  }
}

function requireKnown(where: string, named: readonly string[], known: readonly string[]): void {
  for (const name of named) {
    if (known.includes(name)) continue;
    const nearest = nearestOf(name, known);
    throw new ConfigError({
      code: 'WORLD_UNKNOWN_NAME',
      where: `${where}.${name}`,
      expected:
        known.length === 0 ? 'nothing: the policy has none' : `one of the policy’s: ${known.join(', ')}`,
      got: JSON.stringify(name),
      remedy: nearest === undefined ? 'remove it' : `write ${JSON.stringify(nearest)}`,
    });
  }
}
