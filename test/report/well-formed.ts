const empty = new Set(['meta', 'br', 'line', 'path', 'polyline']);

/** Tags that are left open or closed twice; elements drawn as `<x/>` close themselves. */
export function unbalanced(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name = '', rest = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
    if (empty.has(name) && (name === 'meta' || name === 'br' || rest.endsWith('/'))) continue;
    if (closing !== '/') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}
