import { show } from '../config/show.ts';

/** One place in which a receipt is not what it should be. */
export interface Problem {
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

/** Every leaf in which two plain values differ, with its path. */
export function differencesBetween(expected: unknown, found: unknown, path: string): Problem[] {
  if (Object.is(expected, found)) return [];
  if (!isContainer(expected) || !isContainer(found) || Array.isArray(expected) !== Array.isArray(found)) {
    return [{ where: path === '' ? 'receipt' : path, ...showApart(expected, found) }];
  }
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...keys].flatMap((key) => {
    const step = path === '' ? key : `${path}.${key}`;
    return differencesBetween(own(expected, key), own(found, key), step);
  });
}

/** Both values in words that differ: of long texts with a common beginning the part where they part. */
export function showApart(expected: unknown, found: unknown): Pick<Problem, 'expected' | 'found'> {
  const shown = { expected: show(expected), found: show(found) };
  if (shown.expected !== shown.found || typeof expected !== 'string' || typeof found !== 'string')
    return shown;
  const at = [...expected].findIndex((character, index) => character !== [...found][index]);
  const from = Math.max(0, (at < 0 ? [...expected].length : at) - 20);
  const part = (text: string) => `… ${show([...text].slice(from).join(''))}`;
  return { expected: part(expected), found: part(found) };
}

/** A member of its own: what every object inherits must not stand in for what a receipt lacks. */
function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
