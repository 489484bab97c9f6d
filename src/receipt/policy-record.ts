import { minJudgedTokens, type Policy } from '../config/policy.ts';
import { countRequests } from '../suite/cost.ts';
import { plain, sha256 } from './digest.ts';
import type { Evidence } from './receipt.ts';

/** What a receipt repeats of its policy, for readers; an auditor makes it again from the policy and compares. */

/** The layout of the suite. */
export function layoutRecord({ suite: { layout, draws, seed } }: Policy) {
  return { layout, draws, seed };
}

/** The sampling settings; the system prompt, which may be confidential, as a hash. */
export function samplingRecord(policy: Policy, systemPromptSha256: string): Evidence['sampling'] {
  const { systemPrompt: _prompt, ...sampling } = policy.sampling;
  return { ...sampling, minJudgedTokens: minJudgedTokens(policy), systemPromptSha256 };
}

/** The caps of the budget, those of the judge among them. */
export function capsOf({ budget }: Policy): Record<string, number> {
  const { judge, ...candidate } = budget;
  const caps = { ...candidate, judgeRequests: judge?.requests };
  return Object.fromEntries(
    Object.entries(caps).filter((cap): cap is [string, number] => cap[1] !== undefined),
  );
}

/** What a plan of so many trials sends, each once, at full length. */
export function plannedRequests(
  policy: Policy,
  trials: number,
  canaries: number,
): Evidence['budget']['planned'] {
  const { requests, judgeRequests, completionTokens } = countRequests(trials, policy, canaries);
  return { trials, requests, judgeRequests, completionTokens: completionTokens.worst };
}

/** The policy as a receipt holds it: system prompts, which may be confidential, as hashes. */
export function publicPolicy(policy: Policy): Record<string, unknown> {
  const { sampling, suite } = policy;
  const shown = (text: string) => (text === '' ? '' : `sha256:${sha256(text)}`);
  const systemPrompts = suite.sweeps.systemPrompts.map((one) => ({ ...one, text: shown(one.text) }));
  return plain({
    ...policy,
    suite: { ...suite, sweeps: { ...suite.sweeps, systemPrompts } },
    sampling: { ...sampling, systemPrompt: shown(sampling.systemPrompt) },
  });
}
