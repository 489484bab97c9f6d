import type { Command } from 'commander';
import { ConfigError } from '../config/errors.ts';
import { type PlanRequest, planSuite } from '../run/plan-suite.ts';
import { parseFraction } from '../run/repeat.ts';
import { carrierDescriptions } from '../suite/carriers/render-frame.ts';
import { orderingDescriptions } from '../suite/ordering.ts';
import { collectOldSooner } from './lean-heap.ts';
import { readSecret } from './options.ts';
import { describePlan } from './plan-text.ts';
import { printResult } from './terminal.ts';

interface PlanOptions {
  readonly policy: string;
  readonly baseUrl?: string;
  readonly model?: string;
  readonly repeatFraction?: string;
  readonly json?: boolean;
}

/** `mixgate plan`: the suite before it runs; the network is touched only for a tokenizer that is named. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('what a policy’s suite asks, what it costs, and what it could see, before it runs')
    .requiredOption('--policy <file>', 'policy, YAML')
    .option('--base-url <url>', 'a server whose own tokenizer counts, such as http://gpu-1:8000/v1')
    .option('--model <name>', 'served name of the model at --base-url')
    .option('--repeat-fraction <share>', 'share of the trials that the run would ask again')
    .option('--json', 'print the plan as JSON')
    .addHelpText('after', '\nA key for the server comes from the environment: MIXGATE_API_KEY.')
    .addHelpText('after', describeTerms('Orderings', orderingDescriptions))
    .addHelpText('after', describeTerms('Carriers', carrierDescriptions))
    .action(async (options: PlanOptions) => {
      // The paper's plan makes much that is soon thrown away: it must fit beside other work.
      collectOldSooner();
      const { repeatFraction } = options;
      const summary = await planSuite({
        policyPath: options.policy,
        repeatFraction: repeatFraction === undefined ? undefined : parseFraction(repeatFraction),
        server: serverOf(options),
      });
      printResult(options.json, summary, () => describePlan(summary));
    });
}

function describeTerms(title: string, terms: Readonly<Record<string, string>>): string {
  const lines = Object.entries(terms).map(([term, meaning]) => `  ${term.padEnd(12)} ${meaning}`);
  return [`\n${title}:`, ...lines].join('\n');
}

function serverOf({ baseUrl, model }: PlanOptions): PlanRequest['server'] {
  if (baseUrl === undefined && model === undefined) return undefined;
  if (baseUrl !== undefined && model !== undefined) {
    return { baseUrl, model, apiKey: readSecret('MIXGATE_API_KEY') };
  }
  const missing = baseUrl === undefined ? '--base-url' : '--model';
  throw new ConfigError({
    code: 'TOKENIZER_UNNAMED',
    where: missing,
    expected: 'server and model together, whose tokenizer is to count',
    got: 'nothing',
    remedy: `give ${missing} too, or neither: tokens are then estimated`,
  });
}
