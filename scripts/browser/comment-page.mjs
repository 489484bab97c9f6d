// A comment as GitHub shows it: its Markdown, its style sheet, in a page around it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Marked } from 'marked';

const require = createRequire(import.meta.url);
const style = readFileSync(require.resolve('github-markdown-css/github-markdown.css'), 'utf8');

/** GitHub makes tables that scroll reachable by keyboard, and so does this page. */
const marked = new Marked({ gfm: true });

export function commentPage(markdown) {
  const body = marked
    .parse(markdown)
    .replaceAll('<table>', '<table tabindex="0">')
    .replaceAll('<pre>', '<pre tabindex="0">');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>A comment of mixgate</title>
<style>${style}
body { margin: 0; } .page { min-height: 100vh; padding: 16px; box-sizing: border-box; }
.page > h1 { font-size: 14px; border: 0; margin: 0 0 12px; } .comment { border: 1px solid var(--borderColor-default, #d1d9e0); border-radius: 6px; padding: 16px; }
</style></head>
<body class="markdown-body"><main class="page"><h1>github-actions bot commented</h1><div class="comment">
${body}</div></main></body></html>
`;
}
