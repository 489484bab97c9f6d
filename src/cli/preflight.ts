import type { Command } from 'commander';
import { harmless } from '../config/log.ts';
import { exitCodeOf } from '../gate/verdict.ts';
import { type Finding, readiness } from '../inference/preflight.ts';
import { type PreflightReport, preflightServers } from '../run/preflight-servers.ts';
import { surroundingsOf } from '../run/surroundings.ts';
import { readSecret, type ServerOptions, withCandidateServer, withJudgeServer } from './options.ts';
import { printResult, stopSignal } from './terminal.ts';

interface PreflightOptions extends ServerOptions {
  readonly policy: string;
  readonly json?: boolean;
}

/** `mixgate preflight`: tries server and judge without starting a run. */
export function addPreflightCommand(program: Command): void {
  const command = program
    .command('preflight')
    .description('try the candidate’s server and the judge’s before a run; exit code 0 ready, 3 not ready')
    .requiredOption('--policy <file>', 'policy, YAML');
  withJudgeServer(withCandidateServer(command))
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', '\nKeys come from the environment: MIXGATE_API_KEY, MIXGATE_JUDGE_API_KEY.')
    .action(async ({ json, policy, candidate, ...options }: PreflightOptions) => {
      const request = {
        ...options,
        policyPath: policy,
        candidatePath: candidate,
        apiKey: readSecret('MIXGATE_API_KEY'),
        judgeApiKey: readSecret('MIXGATE_JUDGE_API_KEY'),
      };
      const report = await preflightServers(
        request,
        surroundingsOf({ now: () => new Date(), signal: stopSignal() }),
      );
      printResult(json, withReasons(report), () => describePreflight(report));
      process.exitCode = exitCodeOf(report.ready ? 'pass' : 'error');
    });
}

function withReasons({ ready, findings }: PreflightReport) {
  return {
    ready,
    findings: findings.map((finding) => ({ ...finding, why: readiness[finding.check].why })),
  };
}

const marks: Readonly<Record<Finding['outcome'], string>> = {
  ok: 'ok   ',
  note: 'note ',
  warn: 'warn ',
  fail: 'FAIL ',
};

/** What was found, for people at a terminal: each finding, and below what went wrong why it matters and what to do. */
export function describePreflight({ ready, findings }: PreflightReport): string {
  const lines = findings.flatMap(({ check, of, outcome, what, remedy }) => [
    `${marks[outcome]} ${of} (${check}): ${what}`,
    ...(outcome === 'warn' || outcome === 'fail' ? [`        why: ${readiness[check].why}`] : []),
    ...(remedy === '' ? [] : [`        do:  ${remedy}`]),
  ]);
  return [...lines, ready ? 'ready: a run can start' : 'not ready'].map(harmless).join('\n');
}
