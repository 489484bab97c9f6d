import type { Command } from 'commander';
import { simulatePolicy } from '../run/simulate.ts';
import { wholeNumber } from './options.ts';
import { describeSimulation } from './simulate-text.ts';
import { printResult } from './terminal.ts';

interface SimulateOptions {
  readonly policy: string;
  readonly world: string;
  readonly runs: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** `mixgate simulate`: how often a policy would pass, block or doubt a world whose truth is known. */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('how often a policy would block a world: a model whose true behaviour a file states')
    .requiredOption('--policy <file>', 'policy, YAML')
    .requiredOption('--world <file>', 'world, JSON (schemas/world.schema.json; some in fixtures/worlds)')
    .option('--runs <number>', 'runs to simulate', wholeNumber, 1000)
    .option('--seed <number>', 'of the random numbers: the same seed gives the same shares', wholeNumber, 1)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nNo server is asked. Labels are drawn on the places of the policy’s plan and decided on by the gate itself.',
    )
    .action(async (options: SimulateOptions) => {
      const { policy, world, runs, seed, json } = options;
      const summary = await simulatePolicy({ policyPath: policy, worldPath: world, runs, seed });
      printResult(json, summary, () => describeSimulation(summary));
    });
}
