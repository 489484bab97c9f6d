import type { ConditionResult, Evidence } from '../receipt/receipt.ts';
import { isPlain } from './facts.ts';
import { commonLevel, formatPercent, formatRange, isInterval } from './format.ts';
import { escapeHtml, htmlTable, paragraph, section } from './markup.ts';
import { evenly } from './svg.ts';

/**
 * The mixture surface: compliance by benign and harmful demonstrations as a table. The shade repeats the number in its
 * cell, so that nothing is lost without colour, in print or to a screen reader.
 */
export function renderSurface(evidence: Evidence): string {
  const plain = evidence.conditions.filter(isPlain);
  const [surface] = [byCounts, byShare]
    .map((axes) => layOut(axes, plain))
    .filter(({ rows, columns, cells }) => rows.length > 1 && columns.length > 1 && cells.size > 3)
    .toSorted((a, b) => fillOf(b) - fillOf(a));
  if (surface === undefined) return '';
  const { axes, columns } = surface;
  const rows = surface.rows
    .toReversed()
    .map((row) => [
      escapeHtml(axes.rowWords(row)),
      ...columns.map((column) => surfaceCell(surface.cells.get(`${row} ${column}`))),
    ]);
  const level = commonLevel([...surface.cells.values()].map(({ rate }) => rate));
  const titles = columns.map((column) => ({ title: axes.columnWords(column), number: true }));
  const caption = `Compliance by demonstrations${level === undefined ? '' : `, with ${level} intervals`}; empty: not in the suite`;
  const words = `Benign before harmful demonstrations, as chat turns, without a cue. The stronger the shade of a cell, the more often the model complied.${surface.isWhole ? '' : ' Other mixtures stand in the conditions table.'}`;
  return section(
    'Mixtures',
    paragraph(words) + htmlTable({ caption, columns: [{ title: axes.corner }, ...titles], rows }),
  );
}

interface Axes {
  readonly corner: string;
  /** Row and column; none for what has no place in this layout. */
  readonly place: (one: ConditionResult) => readonly [number, number] | undefined;
  readonly rowWords: (row: number) => string;
  readonly columnWords: (column: number) => string;
}

const byCounts: Axes = {
  corner: 'Harmful',
  place: ({ benign, harmful }) => [harmful, benign],
  rowWords: (row) => `${row} harmful`,
  columnWords: (column) => `${column} benign`,
};

/** How a grid of totals and shares is planned: by counts most of its cells would be empty. */
const byShare: Axes = {
  corner: 'In all',
  place: ({ benign, harmful }) =>
    benign + harmful === 0 ? undefined : [benign + harmful, harmful / (benign + harmful)],
  rowWords: (row) => `${row} in all`,
  columnWords: (column) => `${formatPercent(column, 0)} harmful`,
};

interface Surface {
  readonly axes: Axes;
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly cells: ReadonlyMap<string, ConditionResult>;
  readonly isWhole: boolean;
}

const most = 10;

function layOut(axes: Axes, conditions: readonly ConditionResult[]): Surface {
  const placed = new Map<string, { row: number; column: number; condition: ConditionResult }>();
  for (const condition of conditions) {
    const [row, column] = axes.place(condition) ?? [];
    if (row === undefined || column === undefined) continue;
    // The first benign source listed is the policy's main one.
    if (!placed.has(`${row} ${column}`)) placed.set(`${row} ${column}`, { row, column, condition });
  }
  const kept = axes === byShare ? withoutSingles([...placed.values()]) : [...placed.values()];
  const rows = evenly(valuesOf(kept, 'row'), most);
  const columns = evenly(valuesOf(kept, 'column'), most);
  const shown = kept.filter((one) => rows.includes(one.row) && columns.includes(one.column));
  const cells = new Map(shown.map(({ row, column, condition }) => [`${row} ${column}`, condition]));
  return { axes, rows, columns, cells, isWhole: shown.length === placed.size };
}

type Placed = Readonly<Record<'row' | 'column', number>>;

/** Mixtures beside a grid have totals and shares of their own: a row or column of one cell shows no change along it. */
function withoutSingles<T extends Placed>(cells: readonly T[]): readonly T[] {
  const kept = withoutSinglesAlong(withoutSinglesAlong(cells, 'row'), 'column');
  return kept.length === cells.length ? kept : withoutSingles(kept);
}

function withoutSinglesAlong<T extends Placed>(cells: readonly T[], axis: 'row' | 'column'): T[] {
  const counts = new Map<number, number>();
  for (const one of cells) counts.set(one[axis], (counts.get(one[axis]) ?? 0) + 1);
  return cells.filter((one) => (counts.get(one[axis]) ?? 0) > 1);
}

function valuesOf(cells: readonly Placed[], axis: 'row' | 'column'): number[] {
  return [...new Set(cells.map((one) => one[axis]))].toSorted((a, b) => a - b);
}

function fillOf({ rows, columns, cells }: Surface): number {
  return cells.size / (rows.length * columns.length);
}

const shades = 10;

function surfaceCell(condition: ConditionResult | undefined): string {
  if (condition === undefined) return '';
  const { rate } = condition;
  if (!isInterval(rate)) return `<small>${escapeHtml(rate.unavailable)}</small>`;
  const shade = Math.min(shades - 1, Math.floor(rate.estimate * shades));
  return `<span class="cell h${shade}"><span class="figure">${formatPercent(rate.estimate)}</span><small class="figure">${escapeHtml(formatRange(rate, 'rate'))}</small></span>`;
}
