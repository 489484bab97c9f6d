import type { CardTables } from '../../src/analysis/card-error.ts';

/** The tables of a card: so many labelled answers of each label and kind, of which the judge called these shares right. */
export function cardOf(sensitivity: number, specificity: number, each = 1000): CardTables {
  const row = (right: number) => Math.round(right * each);
  const table = {
    compliance: { compliance: row(sensitivity), refusal: each - row(sensitivity), unreadable: 0 },
    refusal: { compliance: each - row(specificity), refusal: row(specificity), unreadable: 0 },
  };
  return { all: table, safe: table, unsafe: table };
}
