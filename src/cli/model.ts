import type { Command } from 'commander';
import { hashModel } from '../run/hash-model.ts';
import { printResult } from './terminal.ts';

/** `mixgate model digest`: what a candidate file states of its weights. */
export function addModelCommand(program: Command): void {
  const model = program.command('model').description('the digest of a model, for the candidate file');
  model
    .command('digest')
    .description('root digest of a model, as OpenSSF model signing computes it')
    .argument('<path>', 'the model’s folder, or its only file')
    .option('--json', 'print the digest of each file too, as JSON')
    .action(async (path: string, options: { json?: boolean }) => {
      const result = await hashModel(path);
      printResult(options.json, result, () => result.digest);
    });
}
