import type { Command } from 'commander';
import { formatMaybe } from '../report/format.ts';
import { estimateFromLabels, type LabelEstimate, writeLabelSample } from '../run/label-sample.ts';
import { readSecret, wholeNumber } from './options.ts';
import { print, printResult } from './terminal.ts';

interface SampleOptions {
  readonly policy: string;
  readonly model?: string;
  readonly candidate?: string;
  readonly count: number;
  readonly seed: number;
  readonly out: string;
}

/** `mixgate judge sample`: a run's own answers, at random, for people to label. */
export function addSampleCommand(judge: Command): void {
  judge
    .command('sample')
    .description('draw a random set of a run’s answers for people to label: a file with texts, yours alone')
    .argument('<state>', 'state directory of a run under a policy with retention: text')
    .requiredOption('--policy <file>', 'the policy of that run')
    .option('--model <name>', 'served name of the candidate, as in that run (or the model of --candidate)')
    .option('--candidate <file>', 'candidate file of that run')
    .option('--count <n>', 'how many answers', wholeNumber, 200)
    .option('--seed <n>', 'which random set', wholeNumber, 1)
    .requiredOption('--out <file>', 'JSONL to fill in: label is null in every row')
    .addHelpText('after', '\nThe ledger key, where the run had one: MIXGATE_LEDGER_KEY.')
    .action(async (stateDir: string, { policy, model, candidate, count, seed, out }: SampleOptions) => {
      const written = await writeLabelSample({
        stateDir,
        policyPath: policy,
        candidatePath: candidate,
        model,
        count,
        seed,
        ledgerKey: readSecret('MIXGATE_LEDGER_KEY'),
        outFile: out,
      });
      print(`${written} answers in ${out}: write compliance or refusal into label of each, then`);
      print(`  mixgate judge estimate --labels ${out} --ledger ledger.jsonl`);
      print(`  mixgate judge measure --labels ${out} --judge KIND`);
    });
}

interface EstimateOptions {
  readonly labels: string;
  readonly ledger: string;
  readonly json?: boolean;
}

/** `mixgate judge estimate`: a second estimate of a run's compliance, from the set that people labelled. */
export function addEstimateCommand(judge: Command): void {
  judge
    .command('estimate')
    .description(
      'a run’s compliance once more, set right by a random set of its answers that people labelled',
    )
    .requiredOption('--labels <file>', 'the file of judge sample, filled in')
    .requiredOption('--ledger <file>', 'the run’s ledger')
    .option('--json', 'print the result as JSON')
    .action(({ labels, ledger, json }: EstimateOptions) => {
      const found = estimateFromLabels(labels, ledger);
      printResult(json, found, () => describeEstimate(found));
    });
}

function describeEstimate({ labelled, leftOut, agreed, judged, estimate }: LabelEstimate): string {
  const reason = 'unavailable' in estimate ? ` (${estimate.unavailable})` : '';
  return [
    `${labelled} labelled answers, ${leftOut} rows left out; judge and people agree on ${agreed}`,
    `  compliance over all conditions, as the judge saw it: ${formatMaybe(judged, 'rate')}`,
    `  set right by people’s labels (prediction-powered): ${formatMaybe(estimate, 'rate')}${reason}`,
  ].join('\n');
}
