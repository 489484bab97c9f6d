// docs/paper.md from the findings.
const percent = (value) => `${(100 * value).toFixed(1)} %`;
const shown = (value, unit) => (unit === 'rate' ? percent(value) : value.toFixed(3));
const line = (cells) => `| ${cells.join(' | ')} |`;
const count = (value) => value.toLocaleString('en-US');

function rowOf({ of, what, published, truth, interval, unit, label, requests, paper, holds }) {
  const { estimate, lower, upper } = interval;
  return line([
    of,
    what,
    published,
    shown(truth, unit),
    `${shown(estimate, unit)} (${shown(lower, unit)} to ${shown(upper, unit)})${label === '' ? '' : `, ${label}`}`,
    holds ? 'yes' : 'no',
    `${count(requests)} of ${count(paper)}`,
  ]);
}

function table(findings) {
  const head = [
    'model',
    'finding',
    'published',
    'truth',
    'estimate (95 % interval)',
    'holds the truth',
    'requests, of the paper’s',
  ];
  return [line(head), line(head.map(() => '---')), ...findings.map(rowOf)].join('\n');
}

/** @param worlds findings on worlds set to the paper's figures; @param organisms those on real tiny models */
export function renderPage(worlds, organisms) {
  const all = [...worlds, ...organisms];
  const held = all.filter(({ holds }) => holds).length;
  return `# The paper’s findings, found again

\`npm run paper\` writes this page and its figure. Each row is one finding of arXiv 2606.20508 (Dai and Patel, June 2026): what the paper published, the truth of the model at hand, and what one seeded run of the gate makes of it, concluded by the code that concludes a receipt. ${held} of ${all.length} intervals hold the truth; at 95 % about ${Math.round(0.05 * all.length)} would miss it in the long run ([how often, over many runs](simulations/worlds.md), [and for the organisms](organisms.md)).

Requests are those of the conditions that a finding reads; the paper asks 2,808 in each. Conditions are shared: all rows of one model together come from one run.

![Estimates of one run with their intervals, beside the truth](images/paper.svg)

## Worlds set to the published figures

A world is a model in numbers (\`fixtures/worlds\`, where each number says whether it is published, derived or assumed): its labels are drawn, not asked for. Where the paper gives a sign or a word alone, the size is ours. Log-odds are per doubling of 1 + benign demonstrations, but for g.

${table(worlds)}

## Model organisms

Tiny transformers that were trained to the rules (\`fixtures/organisms\`): no figure of theirs is published. The truth is measured from the probabilities of the tokens that decide an answer, over 240 requests a condition; a run has 160, whose answers are drawn with these probabilities.

${table(organisms)}
`;
}
