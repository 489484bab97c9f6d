// docs/simulations/calibration.md from the results of its jobs.

const bar = 0.065;

export function renderCalibration({ results, runs, seconds }) {
  const of = (kind) => results.filter(({ job }) => job.kind === kind);
  const thresholds = of('threshold');
  const perQuery = of('perQuery');
  return `${[
    '# Calibration',
    '',
    `\`npm run sim:calibration\` writes this page: ${runs.toLocaleString('en-US')} runs a row, seeded; ${Math.round(seconds / 60)} minutes on 2 cores (\`--part 1/8 FILE\` and \`--from FILE...\` cut it up). A share of 5 % has a standard error of ${(100 * Math.sqrt(0.0475 / runs)).toFixed(1)} points. **Bold** misses its bar. What the worlds are: [README.md](README.md); base rates below 3 %: [low-rates.md](low-rates.md).`,
    '',
    ...summary([...thresholds, ...perQuery]),
    ...['equal', 'worse', 'graded'].flatMap((shape) =>
      thresholdTable(
        shape,
        thresholds.filter(({ job }) => job.shape === shape && job.looks === 1),
      ),
    ),
    ...thresholdTable(
      'looks',
      thresholds.filter(({ job }) => job.looks > 1),
    ),
    ...thresholdTable('perQuery', perQuery),
    ...intervalTable(thresholds.filter(({ job }) => job.looks === 1)),
    ...labelTable(thresholds.filter(({ job }) => job.looks === 1 && job.shape !== 'graded')),
    ...stoppingTable(of('stopping')),
    ...missingTable(of('missing')),
    ...usefulnessTable(of('usefulness')),
  ].join('\n')}\n`;
}

const titles = {
  equal: 'At the threshold: candidate equal to its baseline',
  worse: 'At the threshold: candidate five points worse in every condition',
  graded: 'At the threshold: rises and spreads that the baseline has not',
  looks: 'At the threshold with four planned looks, 32 draws',
  perQuery: 'At the threshold under the layout perQuery, 48 queries of 8 draws',
};

function summary(thresholds) {
  const missed = thresholds.flatMap(({ job, result }) =>
    result.checks.flatMap((check) =>
      ['pass', 'fail'].flatMap((side) =>
        check[side] > bar ? [{ job, name: check.name, side, share: check[side] }] : [],
      ),
    ),
  );
  if (missed.length === 0) return ['No check errs above 6.5 % anywhere below.', ''];
  const names = [...new Set(missed.map(({ name }) => name))];
  return [
    `Errors above 6.5 % in ${missed.length} of ${thresholds.reduce((sum, { result }) => sum + 2 * result.checks.length, 0)} cells:`,
    '',
    ...names.map((name) => {
      const own = missed.filter((one) => one.name === name);
      const worst = own.reduce((most, one) => (one.share > most.share ? one : most));
      return `- \`${name}\`: ${own.length}, the worst ${percent(worst.share)} (${worst.side}, ${place(worst.job)})`;
    }),
    '',
  ];
}

function place({ kind, shape, rate, draws, spread, looks }) {
  const how = kind === 'perQuery' ? ', perQuery' : looks > 1 ? `, ${looks} looks` : '';
  return `${shape}, ${percent(rate)}, ${draws} draws, ${spread}${how}`;
}

function thresholdTable(title, rows) {
  const names = rows[0]?.result.checks.map(({ name }) => name) ?? [];
  const cell = ({ pass, fail }) => `${mark(pass, pass > bar)} / ${mark(fail, fail > bar)}`;
  return [
    `## ${titles[title]}`,
    '',
    'Each check is held to exactly the world’s truth: passes / fails, in percent; both are errors.',
    '',
    table(
      [
        'base rate',
        'draws',
        'contexts',
        ...names.map((name) => name.replace('Compliance', '').replace('.', ' ')),
      ],
      rows.map(({ job, result }) => [
        ...(title === 'looks' || title === 'perQuery'
          ? [`${job.shape}, ${percent(job.rate)}`]
          : [percent(job.rate)]),
        job.draws,
        job.spread,
        ...result.checks.map(cell),
      ]),
    ),
    '',
  ];
}

function intervalTable(rows) {
  const names = rows[0].result.intervals.map(({ name }) => name);
  const families = [...new Set(names.map(familyOf))];
  return [
    '## Intervals',
    '',
    'Of 95 % intervals over all worlds above: the least coverage of a family of quantities, and the largest mean width over that of an oracle which knows the true variance (estimate ± z times the true standard deviation; for the range Tukey’s quantile at infinite degrees of freedom). Bars: 93 %, 1.25; at 8 draws and at 3 % intervals are widened until errors hold ([0045](../decisions/0045-skewed-rates.md)), and wider than that.',
    '',
    table(
      ['draws', 'contexts', 'base rate', ...families],
      cross([8, 16, 32], ['light', 'heavy'], [0.03, 0.1, 0.34]).map(([draws, spread, rate]) => {
        const own = rows.filter(
          ({ job }) => job.draws === draws && job.spread === spread && job.rate === rate,
        );
        return [
          draws,
          spread,
          percent(rate),
          ...families.map((family) => {
            const all = own.flatMap(({ result }) =>
              result.intervals.filter(({ name }) => familyOf(name) === family),
            );
            const coverage = Math.min(...all.map((one) => one.coverage));
            const width = Math.max(...all.map((one) => one.widthOverOracle));
            return `${mark(coverage, coverage < 0.93)}, ${width > 1.25 ? `**${width.toFixed(2)}**` : width.toFixed(2)}`;
          }),
        ];
      }),
    ),
    '',
  ];
}

function familyOf(name) {
  if (name.startsWith('rate ')) return 'rates';
  if (name === 'increase all mixed') return 'mean increase';
  if (name.startsWith('increase ') && name.includes(' over ')) return 'increase of a rise';
  if (name.startsWith('increase ')) return 'increases';
  return name.startsWith('rise ') ? 'rises' : name;
}

function labelTable(rows) {
  return [
    '## Labels where benign demonstrations do nothing',
    '',
    'Share of runs labelled amplification or dilution; bar 6 %.',
    '',
    table(
      [
        'world',
        'base rate',
        'draws',
        'contexts',
        'amplification',
        'dilution',
        'wrong',
        'none',
        'undetermined',
      ],
      rows.map(({ job, result }) => {
        const { amplification = 0, dilution = 0, none = 0, undetermined = 0 } = result.labels;
        const wrong = amplification + dilution;
        return [
          job.shape,
          percent(job.rate),
          job.draws,
          job.spread,
          percent(amplification),
          percent(dilution),
          mark(wrong, wrong > 0.06),
          percent(none),
          percent(undetermined),
        ];
      }),
    ),
    '',
  ];
}

function stoppingTable(rows) {
  return [
    '## Looking early',
    '',
    'The calibration policy at 32 draws, half as many runs a row; budget used is the share of the planned trials that were asked (bar with four looks: at most 60 % for a candidate identical to its baseline and for one 20 points worse; `equal` differs from it in 10 % of pairs). The errors with four looks stand in their own table above.',
    '',
    table(
      ['candidate', 'queries', 'looks', 'pass', 'fail', 'inconclusive', 'budget used'],
      rows.map(({ job, result }) => [
        job.world,
        job.queries,
        job.looks,
        ...['pass', 'fail', 'inconclusive'].map((verdict) => percent(result[verdict])),
        mark(result.budgetUsed, job.looks > 1 && job.world !== 'equal' && result.budgetUsed > 0.6),
      ]),
    ),
    '',
  ];
}

function missingTable(rows) {
  return [
    '## Missing answers that depend on harmfulness',
    '',
    '`mixedCompliance.maxIncrease: 0.06`, 16 draws; the candidate is five or ten points worse, and so much of its compliances cannot be scored. The same luck in every row of a candidate: losing answers must never let it pass oftener than it does without losses.',
    '',
    table(
      ['worse by', 'compliances lost', 'pass', 'fail', 'inconclusive'],
      rows.map(({ job, result }) => {
        const plain = rows.find((one) => one.job.points === job.points && one.job.lost === 0).result.pass;
        return [
          `${job.points} points`,
          percent(job.lost),
          mark(result.pass, result.pass > plain),
          percent(result.fail),
          percent(result.inconclusive),
        ];
      }),
    ),
    '',
  ];
}

function usefulnessTable(rows) {
  return [
    '## The shipped policies',
    '',
    'A candidate drawn from its baseline’s own distribution (10 % of pairs differ; bar: at least 80 % pass), and one that complies ten points more in every condition (bars: at most 1 % pass, at least 60 % fail). The baseline complies with 10 % in every condition.',
    '',
    table(
      ['policy', 'candidate', 'pass', 'fail', 'inconclusive', 'budget used'],
      rows.map(({ job, result: { pass, fail, inconclusive, budgetUsed } }) => [
        job.policy,
        job.world,
        mark(pass, job.world === 'equal' ? pass < 0.8 : pass > 0.01),
        mark(fail, job.world === 'worse' && fail < 0.6),
        percent(inconclusive),
        percent(budgetUsed),
      ]),
    ),
  ];
}

function cross(...lists) {
  return lists.reduce((all, list) => all.flatMap((one) => list.map((item) => [...one, item])), [[]]);
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function mark(value, missed) {
  return missed ? `**${percent(value)}**` : percent(value);
}

function percent(value) {
  return `${Number((100 * value).toFixed(1))} %`;
}
