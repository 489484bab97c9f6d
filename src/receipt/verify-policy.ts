import type { Policy } from '../config/policy.ts';
import { parsePolicy } from '../config/read-policy.ts';
import { type Audit, found, type NamedText, tryTo } from './audit.ts';
import { bindingOf } from './binding.ts';
import { checkJudgeRecord } from './card-record.ts';
import { differencesBetween, type Problem } from './difference.ts';
import { sha256 } from './digest.ts';
import { capsOf, layoutRecord, publicPolicy, samplingRecord } from './policy-record.ts';
import type { Evidence } from './receipt.ts';

/** @throws ConfigError as `parsePolicy`, of the policy that the receipt holds */
export function parseEmbeddedPolicy(evidence: Evidence): Policy {
  return parsePolicy(JSON.stringify(evidence.policy.content), 'evidence.policy.content');
}

/** What the receipt repeats of its policy for readers must be what the policy says. */
export function checkPolicyRecords(evidence: Evidence, policy: Policy): Problem[] {
  const shown = policy.sampling.systemPrompt;
  const promptSha256 = shown === '' ? sha256('') : shown.replace(/^sha256:/, '');
  const {
    planSha256: _plan,
    harmfulDemonstrations: _h,
    benignDemonstrations: _b,
    queries: _q,
    controlQueries: _c,
    truncation: _t,
    ...layout
  } = evidence.suite;
  const { judge, budget, sampling } = evidence;
  return [
    ...differencesBetween(layoutRecord(policy), layout, 'evidence.suite'),
    ...differencesBetween(samplingRecord(policy, promptSha256), sampling, 'evidence.sampling'),
    ...differencesBetween(capsOf(policy), budget.caps, 'evidence.budget.caps'),
    ...differencesBetween(
      { kind: policy.judge.kind, minKappa: policy.judge.minKappa },
      { kind: judge.kind, minKappa: judge.minKappa },
      'evidence.judge',
    ),
    ...differencesBetween(
      bindingOf(policy, evidence.candidate, evidence.served),
      evidence.binding,
      'evidence.binding',
    ),
    ...checkJudgeRecord(evidence, policy),
    ...sourceNames(policy, evidence),
  ];
}

function sourceNames(policy: Policy, { suite }: Evidence): Problem[] {
  const lists = ['harmfulDemonstrations', 'benignDemonstrations', 'queries', 'controlQueries'] as const;
  return lists.flatMap((list) =>
    differencesBetween(
      policy.suite[list].map(({ name, licence = null, hub = null, sha256: hash }) => ({
        name,
        licence,
        hub,
        ...(hash ? { sha256: hash } : {}),
      })),
      suite[list].map(({ name, licence, hub, sha256: hash }, index) => ({
        name,
        licence,
        hub,
        ...(policy.suite[list][index]?.sha256 ? { sha256: hash } : {}),
      })),
      `evidence.suite.${list}`,
    ),
  );
}

/** Without the file, the policy as the receipt holds it is all there is to judge by. */
export function checkPolicyFile(evidence: Evidence, file: NamedText | undefined): Audit {
  if (file === undefined) {
    const unchecked = ['the policy file (give --policy): the policy as the receipt holds it was used'];
    return { problems: [], unchecked };
  }
  const bytes = differencesBetween(sha256(file.text), evidence.policy.sha256, 'evidence.policy.sha256');
  const read = tryTo(() => parsePolicy(file.text, file.name));
  const content =
    'problems' in read
      ? read.problems
      : differencesBetween(publicPolicy(read.value), evidence.policy.content, 'evidence.policy.content');
  return found([...bytes, ...content]);
}
