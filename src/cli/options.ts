import { type Command, InvalidArgumentError } from 'commander';

/** Parses an option's whole number from 1 on. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 on');
}

/** Gathers an option that may be given several times; the addresses stand between blanks. */
function collectAddress(address: string, before: string | undefined): string {
  return before === undefined ? address : `${before} ${address}`;
}

/** What `withCandidateServer` and `withJudgeServer` read. */
export interface ServerOptions {
  readonly baseUrl: string;
  readonly model?: string;
  readonly candidate?: string;
  readonly judgeBaseUrl?: string;
  readonly judgeModel?: string;
}

/** Adds the options that name the candidate and where it is served. */
export function withCandidateServer(command: Command): Command {
  return command
    .requiredOption(
      '--base-url <url>',
      'the candidate’s server, such as http://gpu-1:8000/v1; again, or with commas, for further replicas',
      collectAddress,
    )
    .option('--model <name>', 'served name of the candidate (or the model of --candidate)')
    .option('--candidate <file>', 'candidate file, YAML');
}

/** Adds the options that name where the judge is served. */
export function withJudgeServer(command: Command): Command {
  return command
    .option('--judge-base-url <url>', 'the judge’s server; of a panel, several with commas between')
    .option('--judge-model <name>', 'served name of the judge; of a panel, several with commas between');
}

type SecretName = `MIXGATE_${'' | 'JUDGE_' | 'BASELINE_'}API_KEY` | 'MIXGATE_LEDGER_KEY';

/** A workflow's missing secret is an empty variable: no key, and no HMAC under an empty one. */
export function readSecret(name: SecretName): string | undefined {
  return process.env[name] || undefined;
}
