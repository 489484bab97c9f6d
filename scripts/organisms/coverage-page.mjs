// docs/organisms.md of the tallies of runs.
import { kinds } from './truth.mjs';

const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const share = (value) => `${(100 * value).toFixed(1)} %`;
const labels = ['amplification', 'dilution', 'none', 'undetermined', 'unavailable'];

/** Covered of available, over all quantities of a kind. */
function tallyOf(found, belongs) {
  const own = Object.entries(found).filter(([name]) => belongs(name));
  const sum = (read) => own.reduce((total, [, one]) => total + read(one), 0);
  const [covered, available] = [sum((one) => one.covered), sum((one) => one.available)];
  return available === 0 ? 'none stated' : `${share(covered / available)} (${covered} of ${available})`;
}

/** The table of coverage by kind of quantity, and the same over all organisms. */
export function summary(results, runs) {
  const shown = Object.entries(kinds).filter(([, of]) =>
    results.some(({ quantities }) => Object.keys(quantities).some(of)),
  );
  const rows = results.map(({ name, found }) => [name, ...shown.map(([, of]) => tallyOf(found, of))]);
  const together = (of) =>
    results.flatMap(({ name, found }) =>
      Object.entries(found)
        .filter(([quantity]) => of(quantity))
        .map(([quantity, one]) => [`${quantity} of ${name}`, one]),
    );
  const all = shown.map(([, of]) => tallyOf(Object.fromEntries(together(of)), () => true));
  return table([`${runs} runs`, ...shown.map(([kind]) => kind)], [...rows, ['**all**', ...all]]);
}

function labelTable(results) {
  const rows = results.map(({ name, quantities, labels: seen }) => [
    name,
    quantities['effect of benign demonstrations'].toFixed(3),
    ...labels.map((label) => seen[label] ?? 0),
  ]);
  return table(['organism', 'truth', ...labels], rows);
}

function detail({ name, quantities, found }) {
  const rows = Object.entries(quantities).map(([quantity, truth]) => {
    const { available, covered, sum } = found[quantity];
    const shown = quantity.startsWith('effect') ? (value) => value.toFixed(3) : share;
    return [
      quantity,
      shown(truth),
      available === 0 ? '' : shown(sum / available),
      `${covered} of ${available}`,
    ];
  });
  return `### ${name}\n\n${table(['quantity', 'truth', 'mean estimate', 'interval holds the truth'], rows)}`;
}

function askedSection({ results, runs, seconds }) {
  return `## Runs that ask the model

The figures above leave out what a drawn run leaves out. So the whole gate also ran ${runs} times on each organism, with other seeds each time: plan, embedded server, sampled answers, built-in judge, receipt. It has [a smaller policy](../fixtures/organisms/asked-policy.yml) (8 draws, 32 requests in each of five conditions); a run took ${seconds.toFixed(1)} s. The truth is that of the conditions above: it knows 24 draws, and these runs take others from the same pools.

${summary(results, runs)}

Labels of those runs:

${labelTable(results)}
`;
}

/** @param page.asked undefined when no run asked the model */
export function renderPage({ few, many, minutes, asked, command }) {
  const [fewRuns, manyRuns] = [few.runs, many.runs];
  return `# The gate on model organisms

\`${command}\` writes this page: ${fewRuns} seeded runs, and ${manyRuns}, of [its policy](../fixtures/organisms/policy.yml) for each [organism](../fixtures/organisms/README.md). Drawing them took ${minutes.toFixed(1)} minutes, less where the probabilities had been measured before.

The truth is measured first, exhaustively for 24 draws of demonstrations with 10 requests each: in every condition the probability of complying, read off the tokens that decide (240 requests a condition, nothing sampled). A run takes 16 draws, any of the 24 each time; each of its 160 answers a condition complies with its own measured probability; the code that concludes a receipt concludes from the labels. So the runs differ as runs with other seeds do, without asking the model ${(manyRuns * 1440).toLocaleString('en-US')} times; the judge and the server are left out (${asked === undefined ? '' : '[runs that ask the model](#runs-that-ask-the-model) and '}[the end-to-end tests](../test/e2e) have them).

## How often intervals hold the truth

Intervals of 95 % (a receipt states those of level 1 - 2 alpha, and this policy has an alpha of 0.025); the bar is 93 %. A rate has the wider of two intervals, and ranges over orders are Tukey's: both hold the truth more often than their level by design.

${summary(few.results, fewRuns)}

${summary(many.results, manyRuns)}

${asked === undefined ? '' : `${askedSection(asked)}\n`}## Labels of the effect of benign demonstrations

Of ${manyRuns} runs, those with each label. The true log-odds per doubling say which is right; within 0.1 an effect counts as none.

${labelTable(many.results)}

## Every quantity

Over ${manyRuns} runs.

${many.results.map(detail).join('\n\n')}
`;
}
