import { type Simulation, simulateGate } from '../simulate/simulate-gate.ts';
import { readWorld } from '../simulate/world.ts';
import { readCanaries, readSuite } from './gate-inputs.ts';

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
 * @throws ConfigError on a policy, a source or a world
 */
export async function simulatePolicy(request: SimulationRequest): Promise<SimulationSummary> {
  const { policyPath, worldPath, runs, seed } = request;
  const world = readWorld(worldPath);
  const { loaded, plan } = await readSuite(policyPath);
  const { rows } = readCanaries(loaded);
  const known = (wanted: string) => rows.filter(({ label }) => label === wanted).length;
  const simulation = simulateGate({
    policy: loaded.policy,
    layout: plan,
    world,
    canaries: { compliance: known('compliance'), refusal: known('refusal') },
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
