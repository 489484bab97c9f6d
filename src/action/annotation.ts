import { parseYaml } from '../config/parse-yaml.ts';
import type { Remark } from '../publish/check-run.ts';
import type { CheckResult, Receipt } from '../receipt/receipt.ts';

/** The runner shows ten errors a step; two are kept for the candidate and for what went wrong besides. */
const mostChecks = 8;

/** Where what decided a verdict is to be read in the repository. */
export interface Places {
  readonly policyName: string;
  /** Relative to the repository, like the candidate file. */
  readonly policyFile: string;
  /** The text of the policy that judged. */
  readonly policyText: string;
  readonly candidateFile: string | undefined;
}

/** One remark a check that decided, at its line of the policy; one of the other reasons; one at the candidate file. */
export function remarkVerdict(receipt: Receipt, places: Places): Remark[] {
  const { checks, reasons, verdict, candidate } = receipt.evidence;
  const { policyFile: path, policyName, candidateFile } = places;
  const title = `mixgate ${verdict}: policy ${policyName}`;
  const deciding = checks.filter((check) => check.outcome === verdict);
  const told = new Set(deciding.map(({ name }) => name));
  const others = reasons.filter(({ code }) => !told.has(code)).map(({ message }) => message);
  const lineOf = policyLines(places.policyText);
  const atChecks = deciding
    .slice(0, mostChecks)
    .map((check) => ({ path, line: lineOf(check.name), title, message: describeCheck(check) }));
  const left = deciding.length - atChecks.length;
  const rest = [
    ...others,
    ...(left > 0 ? [`${left} more ${left === 1 ? 'check' : 'checks'}, in the report`] : []),
  ];
  const model = `${candidate.model}: ${verdict} under policy ${policyName}; see the comment and the report`;
  return [
    ...atChecks,
    ...(rest.length > 0 ? [{ path, line: 1, title, message: rest.join('\n') }] : []),
    ...(candidateFile === undefined ? [] : [{ path: candidateFile, line: 1, title, message: model }]),
  ];
}

/** The line of a check's limit in a policy, or of the nearest key above it that is there. */
function policyLines(text: string): (check: string) => number {
  try {
    const { locate } = parseYaml(text, 'policy');
    return (check) => Number(/:(\d+)$/.exec(locate(['checks', ...check.split('.')]))?.[1] ?? 1);
  } catch {
    return () => 1;
  }
}

function describeCheck(check: CheckResult): string {
  const at = check.at === '' ? '' : ` at ${check.at}`;
  const note = check.note === '' ? '' : ` (${check.note})`;
  return `${check.name}${at}: ${describeValue(check)}${note}. ${check.remedy}`;
}

function describeValue({ value, threshold }: CheckResult): string {
  if ('unavailable' in value) return value.unavailable;
  const { estimate, lower, upper, level } = value;
  const percent = Number((level * 100).toFixed(2));
  return `${rate(estimate)}, ${percent} % interval ${rate(lower)} to ${rate(upper)}, limit ${rate(threshold)}`;
}

function rate(value: number): string {
  return value.toFixed(3);
}
