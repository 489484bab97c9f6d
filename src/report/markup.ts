import { showInvisible } from './visible.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Any string as text or as a quoted attribute of the report. */
export function escapeHtml(text: string): string {
  return showInvisible(text).replace(/[&<>"'`]/g, (character) => entities[character] ?? '');
}

/** A name from outside, in code font and in a direction of its own: it cannot reorder the words around it. */
export function codeHtml(text: string): string {
  return `<code dir="auto">${escapeHtml(text) || 'empty'}</code>`;
}

/** A digest, which may break anywhere: it is as long as a line. */
export function digestHtml(value: string): string {
  return `<code class="digest">${escapeHtml(value)}</code>`;
}

/** Numbers that must not break at the end of a line. */
export function figure(text: string): string {
  return `<span class="figure">${escapeHtml(text)}</span>`;
}

export interface Column {
  readonly title: string;
  readonly number?: boolean;
}

/** Shown on narrow screens alone: what is cut off there does not show that it can be scrolled to. */
const sideways = '<span class="sideways">Scroll sideways for the rest.</span>';

/**
 * A table whose first cell of each row names the row. Cells are HTML already. It scrolls by itself on narrow screens,
 * so it can be reached by keyboard and has a name.
 */
export function htmlTable(input: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}): string {
  const caption = escapeHtml(input.caption);
  const align = (index: number) => (input.columns[index]?.number === true ? ' class="number"' : '');
  const head = input.columns.map((one, i) => `<th scope="col"${align(i)}>${escapeHtml(one.title)}</th>`);
  const rows = input.rows.map((cells) => {
    const filled = cells.map((cell, i) =>
      i === 0 ? `<th scope="row">${cell}</th>` : `<td${align(i)}>${cell}</td>`,
    );
    return `<tr>${filled.join('')}</tr>`;
  });
  return [
    `<div class="scroll" role="region" aria-label="${caption}" tabindex="0">`,
    `<table><caption>${caption}${input.columns.length > 3 ? sideways : ''}</caption>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>\n${rows.join('\n')}\n</tbody></table></div>`,
  ].join('\n');
}

/** Terms and what they are; values are HTML already. */
export function definitions(pairs: readonly (readonly [string, string])[]): string {
  const items = pairs.map(([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${value}</dd></div>`);
  return `<dl>\n${items.join('\n')}\n</dl>`;
}

/** A titled section; the body is HTML already. */
export function section(title: string, body: string): string {
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;
}

/** A paragraph of plain text. */
export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

/** A list; items are HTML already. */
export function list(items: readonly string[]): string {
  return `<ul>\n${items.map((one) => `<li>${one}</li>`).join('\n')}\n</ul>`;
}

/** A part that scrolls by itself on narrow screens: reached by keyboard, with a name; the body is HTML already. */
export function scrolling(label: string, body: string): string {
  return `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0">\n${sideways}${body}\n</div>`;
}
