import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/config/read-policy.ts';
import { listConditions } from '../../src/suite/condition.ts';
import { listFactorPairs } from '../../src/suite/single-factor.ts';

function pairsOf(sweeps: string) {
  const policy = parsePolicy(
    `version: 1
name: factors
suite:
  harmfulDemonstrations: [{ name: bad, path: bad.jsonl }]
  benignDemonstrations: [{ name: good, path: good.jsonl }, { name: other, path: other.jsonl }]
  queries: [{ name: asked, path: asked.jsonl }]
  controlQueries: [{ name: everyday, path: everyday.jsonl }]
  sweeps:
${sweeps}
judge: { kind: phrases }
checks: { mixedCompliance: { maxRate: 0.5 } }
`,
    'policy.yml',
  );
  return listFactorPairs(policy, listConditions(policy)).map(
    ({ factor, condition, reference }) => `${factor}: ${condition} over ${reference}`,
  );
}

describe('pairs of conditions that differ in one factor', () => {
  it('are found for every carrier against chat turns', () => {
    expect(pairsOf('    carriers: { benign: 4, harmful: 4, carriers: [chat, tool, memory] }')).toEqual([
      'carrier: b4-h4-tool over b4-h4',
      'carrier: b4-h4-memory over b4-h4',
    ]);
  });

  it('are found for cues, other benign pools and system prompts', () => {
    const sweeps = [
      '    benignSources: { benign: 4, harmful: 4 }',
      '    formatCues: { benign: 4, harmful: 4, cues: [neutral], on: [all, benign] }',
      '    systemPrompts: [{ name: strict, text: Be careful., benign: 4, harmful: [0, 4] }]',
    ].join('\n');
    expect(pairsOf(sweeps)).toEqual([
      'benignSource: b4-h4-from-other over b4-h4',
      'formatCue: b4-h4-neutral over b4-h4',
      'formatCue: b4-h4-neutral-on-benign over b4-h4',
      // The mixture without harmful ones is not in the suite under the policy's own prompt.
      'systemPrompt: b4-h4-system-strict over b4-h4',
    ]);
  });

  it('are none where the reference is not in the suite', () => {
    expect(pairsOf('    carriers: { benign: 4, harmful: 4, carriers: [tool, memory] }')).toEqual([]);
  });

  it('are none for orderings and counts, which have analyses of their own', () => {
    const sweeps = [
      '    benignSweep: { harmful: [4], benign: [0, 4] }',
      '    orderings: { benign: 4, harmful: 4, rules: [prefix, suffix] }',
    ].join('\n');
    expect(pairsOf(sweeps)).toEqual([]);
  });
});
