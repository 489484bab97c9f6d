#!/usr/bin/env node
import { Command } from 'commander';
import { describeError } from '../config/errors.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import { version } from '../version.ts';
import { addBaselineCommand } from './baseline.ts';
import { addBatchCommand } from './batch.ts';
import { addCompareCommand } from './compare.ts';
import { addDemoCommand } from './demo.ts';
import { addInitCommand } from './init.ts';
import { addJudgeCommand } from './judge.ts';
import { addMergeCommand } from './merge.ts';
import { addModelCommand } from './model.ts';
import { addPlanCommand } from './plan.ts';
import { addPoolCommand } from './pool.ts';
import { addPreflightCommand } from './preflight.ts';
import { addRejudgeCommand } from './rejudge.ts';
import { addReportCommand } from './report.ts';
import { addRunCommand } from './run.ts';
import { addShowCommand } from './show.ts';
import { addSimulateCommand } from './simulate.ts';
import { harmlessLines } from './terminal.ts';
import { addVerifyCommand } from './verify.ts';

const program = new Command('mixgate')
  .description('release gate for language models under mixed compliance demonstrations')
  .version(version)
  .showHelpAfterError('  -> add --help to see what this command takes')
  // Wrong options are bad input: exit code 3, as for every other.
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : exitCodeOf('error')));

for (const add of [
  addDemoCommand,
  addInitCommand,
  addPlanCommand,
  addPreflightCommand,
  addRunCommand,
  addMergeCommand,
  addBatchCommand,
  addPoolCommand,
  addJudgeCommand,
  addModelCommand,
  addRejudgeCommand,
  addShowCommand,
  addBaselineCommand,
  addVerifyCommand,
  addCompareCommand,
  addReportCommand,
  addSimulateCommand,
]) {
  add(program);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${harmlessLines(describeError(error))}\n`);
  process.exitCode = exitCodeOf('error');
}
