import type { BaselineRecord, CandidateRecord, Evidence, ServedIdentity } from '../receipt/receipt.ts';
import { formatCount } from './format.ts';
import { codeHtml, definitions, digestHtml, escapeHtml, section } from './markup.ts';
import { ageWords, bindingWords } from './words.ts';

type Pair = readonly [string, string];

/** Absent facts are said to be absent. */
function fact(term: string, value: string | null): Pair {
  return [term, value === null ? 'not known' : codeHtml(value)];
}

/** The report’s section on what was measured, as it was declared and as it was served, and against what. */
export function renderIdentity(evidence: Evidence): string {
  const { served, sampling } = evidence;
  const samplingWords = `temperature ${sampling.temperature}, top-p ${sampling.topP}, at most ${formatCount(sampling.maxTokens)} tokens, seed ${sampling.seed}`;
  return section(
    'Identity',
    [
      '<h3>Candidate</h3>',
      definitions([
        ...candidateFacts(evidence.candidate),
        ['Binding', escapeHtml(bindingWords[evidence.binding])],
      ]),
      '<h3>Served</h3>',
      definitions([
        ...servedFacts(served),
        ['Sampling', escapeHtml(samplingWords)],
        ['System prompt', digestHtml(sampling.systemPromptSha256)],
      ]),
      '<h3>Baseline</h3>',
      definitions(baselineFacts(evidence.baseline)),
    ].join('\n'),
  );
}

function candidateFacts(candidate: CandidateRecord): Pair[] {
  return [
    fact('Model', candidate.model),
    fact('Family', candidate.family),
    fact('Checkpoint', candidate.checkpoint),
    fact('Digest', candidate.digest),
    fact('Training stage', candidate.trainingStage),
    fact('Parent', candidate.parent),
  ];
}

function servedFacts(served: ServedIdentity): Pair[] {
  return [
    fact('Model', served.model),
    fact('Root', served.root),
    fact('Engine', served.engine),
    fact('Version', served.version),
    [
      'Context length',
      served.contextLength === null ? 'not known' : `${formatCount(served.contextLength)} tokens`,
    ],
    fact('Chat template', served.templateSha256),
    fact('Answers as', served.answersAs),
    fact('Fingerprint', served.fingerprint),
  ];
}

function baselineFacts(baseline: BaselineRecord): Pair[] {
  switch (baseline.status) {
    case 'none':
      return [['Baseline', 'none yet, as the policy states']];
    case 'notGiven':
      return [['Baseline', 'none was given to this run']];
    case 'compared':
      return [
        ...candidateFacts(baseline.candidate),
        ['Measured', `${escapeHtml(baseline.asOf)}, ${ageWords(baseline.ageDays)}`],
        fact('Accepted by', baseline.acceptedBy),
        fact('Accepted at', baseline.acceptedAt),
        ['Because', baseline.reason === null ? 'not known' : escapeHtml(baseline.reason)],
        ['Trials scored in both', formatCount(baseline.pairs)],
        ['Not comparable in', baseline.notComparable.map(codeHtml).join(', ') || 'nothing'],
        ['Receipt', digestHtml(baseline.receiptDigest)],
        ['Evidence', digestHtml(baseline.evidenceDigest)],
        ['Ledger', digestHtml(baseline.ledgerSha256)],
      ];
  }
}
