/** The contexts of a workflow: `vars.X`, `steps.gate.outputs.verdict`, ... by their dotted names. */
export type Contexts = Readonly<Record<string, string>>;

/**
 * As much of GitHub's expressions as our workflows use: names, texts, `==`, `!=`, `&&`, `||` and `always()`. An unknown
 * name is empty, as on GitHub; anything else is an error here, so that a workflow cannot use it untested.
 */
export function evaluate(expression: string, contexts: Contexts): string {
  const either = expression.split(' || ');
  for (const [index, one] of either.entries()) {
    const value = both(one, contexts);
    if (isTrue(value) || index === either.length - 1) return value;
  }
  return '';
}

export function isTrue(value: string): boolean {
  return value !== '' && value !== 'false';
}

/** A text with its `${{ }}` filled in. */
export function fill(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => evaluate(expression, contexts));
}

function both(expression: string, contexts: Contexts): string {
  let value = '';
  for (const one of expression.split(' && ')) {
    value = compare(one.trim(), contexts);
    if (!isTrue(value)) return value;
  }
  return value;
}

function compare(expression: string, contexts: Contexts): string {
  const [, left, operator, right] = /^(\S+) (==|!=) (\S+)$/.exec(expression) ?? [];
  if (left === undefined || right === undefined) return readWord(expression, contexts);
  const equal = readWord(left, contexts) === readWord(right, contexts);
  return String(operator === '==' ? equal : !equal);
}

function readWord(word: string, contexts: Contexts): string {
  if (word === 'always()') return 'true';
  const [, text] = /^'([^']*)'$/.exec(word) ?? [];
  if (text !== undefined) return text;
  if (/^[a-z][\w-]*(\.[\w-]+)+$/i.test(word)) return contexts[word] ?? '';
  throw new Error(`evaluate: ${word} is no expression that is known here`);
}
