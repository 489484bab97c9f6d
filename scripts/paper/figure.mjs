// The findings as a figure: estimate with interval, truth as a ring; rates and log-odds side by side.
const width = 980;
const rowHeight = 22;
const left = 430;
const plotWidth = 500;
const top = 40;

const inText = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function panel(findings, unit, title, from) {
  const rows = findings.filter((one) => one.unit === unit);
  const ends = rows.flatMap(({ interval, truth }) => [interval.lower, interval.upper, truth]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const x = (value) => left + (plotWidth * (value - low)) / (high - low);
  const lines = rows.map((row, index) => rowOf(row, x, from + 34 + index * rowHeight));
  const bottom = from + 34 + rows.length * rowHeight;
  const ticks = ticksOf(low, high).map((value) => {
    const label = unit === 'rate' ? `${Math.round(100 * value)} %` : value.toFixed(1);
    return `<line x1="${x(value)}" x2="${x(value)}" y1="${from + 20}" y2="${bottom - 8}" stroke="${value === 0 ? '#777' : '#ddd'}"/><text x="${x(value)}" y="${bottom + 8}" text-anchor="middle" fill="#555">${label}</text>`;
  });
  const text = [
    `<text x="10" y="${from + 8}" font-weight="bold">${inText(title)}</text>`,
    ...ticks,
    ...lines,
  ].join('\n');
  return { text, bottom: bottom + 28 };
}

function ticksOf(low, high) {
  const step = [0.1, 0.2, 0.25, 0.5, 1].find((one) => (high - low) / one <= 8) ?? 2;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toFixed(6)));
}

function rowOf({ of, what, interval, truth, holds }, x, y) {
  const round = (value) => value.toFixed(1);
  const color = holds ? '#0a5f8a' : '#b3261e';
  return [
    `<text x="10" y="${y + 4}">${inText(of)}: ${inText(what)}</text>`,
    `<line x1="${round(x(interval.lower))}" x2="${round(x(interval.upper))}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2.5"/>`,
    `<circle cx="${round(x(interval.estimate))}" cy="${y}" r="3.5" fill="${color}"/>`,
    `<circle cx="${round(x(truth))}" cy="${y}" r="6" fill="none" stroke="#111" stroke-width="1.2"/>`,
  ].join('');
}

/** An SVG: rates above, log-odds below. */
export function renderFigure(findings) {
  const rates = panel(findings, 'rate', 'Rates and differences of rates', top);
  const odds = panel(findings, 'log-odds', 'Log-odds (per doubling, but for g)', rates.bottom + 10);
  const legend =
    'Dot and line: estimate and 95 % interval of one run (red: it misses the truth). Ring: the truth.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${odds.bottom}" font-family="sans-serif" font-size="12" role="img" aria-label="The findings of the paper: estimates of one run of the gate, with intervals, beside the truth">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="20" fill="#333">${inText(legend)}</text>
${rates.text}
${odds.text}
</svg>
`;
}
