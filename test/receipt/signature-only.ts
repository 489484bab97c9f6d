import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'receipt.md'), 'utf8');

/**
 * The fields that docs/receipt.md says only a signature protects.
 *
 * @param heading first cell of the table
 */
export function documentedFields(heading: string): { readonly field: string; readonly pattern: RegExp }[] {
  const lines = docs.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  if (start < 0) throw new Error(`no table "${heading}" in docs/receipt.md`);
  const rest = lines.slice(start + 2);
  const rows = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('|')),
  );
  return rows
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, field = '']) => field))
    .map((field) => ({ field, pattern: patternOf(field) }));
}

function patternOf(field: string): RegExp {
  const steps = field.split('.').map((step) => (step === '**' ? '.+' : step === '*' ? '[^.]+' : step));
  return new RegExp(`^${steps.join('\\.')}$`);
}
