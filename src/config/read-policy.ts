import { createHash } from 'node:crypto';
import type { Complaint } from './errors.ts';
import { judgeProblems } from './judge-problems.ts';
import { configErrorOf, parseStrict, renderPath } from './parse-strict.ts';
import { type LocatedYaml, parseYaml } from './parse-yaml.ts';
import { notRunYet, type Policy, policySchema } from './policy.ts';
import type { PolicyProblem } from './policy-problem.ts';
import { checkProblems, limitProblems, sourceProblems } from './policy-problems.ts';
import { readNamedFile } from './read-named-file.ts';
import { show } from './show.ts';
import { sweepProblems } from './sweep-problems.ts';

/** A policy with where it came from; `sha256` is of the file's bytes. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly path: string;
  readonly sha256: string;
}

/** @throws ConfigError FILE_UNREADABLE, YAML_SYNTAX, POLICY_INVALID */
export function readPolicy(path: string): LoadedPolicy {
  const bytes = readNamedFile(path, { what: 'a policy file', named: '--policy' });
  const policy = parsePolicy(bytes.toString('utf8'), path);
  return { policy, path, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Parses policy text: schema first, then what a schema cannot say (counts that must fit, checks that need a sweep).
 *
 * @throws ConfigError YAML_SYNTAX or POLICY_INVALID with every problem, each with file, line and key
 */
export function parsePolicy(text: string, file: string): Policy {
  const yaml = parseYaml(text, file);
  const policy = parseStrict(policySchema, yaml, { code: 'POLICY_INVALID', notRunYet });
  const complaints = [
    ...sourceProblems(policy),
    ...sweepProblems(policy),
    ...checkProblems(policy),
    ...limitProblems(policy),
    ...judgeProblems(policy),
  ].map((problem) => complain(problem, yaml));
  if (complaints.length > 0) throw configErrorOf(complaints);
  return policy;
}

function complain(problem: PolicyProblem, yaml: LocatedYaml): Complaint {
  return {
    code: 'POLICY_INVALID',
    where: `${yaml.locate(problem.path)} ${renderPath(problem.path)}`,
    expected: problem.expected,
    got: show(problem.got),
    remedy: problem.remedy,
  };
}
