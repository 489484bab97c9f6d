import { styleSheet } from './html-style.ts';
import { escapeHtml } from './markup.ts';

/**
 * A whole page of our own. The policy in its head forbids scripts and network, so that even a mistake in escaping could
 * load and run nothing.
 *
 * @param page.title text; the other parts are HTML already, the footer text
 */
export function renderPage(page: {
  readonly title: string;
  readonly header: string;
  readonly sections: readonly string[];
  readonly footer: string;
}): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    renderHead(page.title),
    '<body>',
    page.header,
    `<main>\n${page.sections.filter((one) => one !== '').join('\n')}\n</main>`,
    `<footer><p>${escapeHtml(page.footer)}</p></footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function renderHead(title: string): string {
  return [
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${styleSheet}</style>`,
    '</head>',
  ].join('\n');
}
