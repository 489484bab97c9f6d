import { fairRound } from './fair-round.ts';
import { groupBy } from './group-by.ts';
import { drawFrom, type Random } from './random.ts';

/** Rows sorted into groups, the order in which groups take turns, and which groups are of one size. */
export interface Strata<T> {
  readonly groups: readonly (readonly T[])[];
  readonly round: readonly number[];
  readonly equals: readonly (readonly number[])[];
}

/**
 * Sorts rows into strata. Rows that are alone in theirs are put together: one row cannot be spread. Strata stand in
 * the order of their names, so that the order in which a file comes to its categories does not matter.
 */
export function stratify<T>(items: readonly T[], nameOf: (item: T) => string): Strata<T> {
  const named = groupBy(items, nameOf);
  const groupOf = (item: T) => (named.get(nameOf(item))?.length === 1 ? '' : nameOf(item));
  const groups = [...groupBy(items, groupOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rows]) => rows);
  const sizes = groups.map((rows) => rows.length);
  const equals = groupBy(sizes.keys(), (index) => sizes[index]).values();
  return { groups, round: fairRound(sizes), equals: [...equals].filter((alike) => alike.length > 1) };
}

/**
 * A seeded draw: it enters the round at a random turn, and each stratum gives, when its turn comes, a random row of
 * those that it has left. Every stratum has its share of the first n rows, whatever n is, to within less than two;
 * each row is as likely as any other; draws nest. With one stratum the rows are those of `drawFrom`.
 */
export function drawStratified<T>(strata: Strata<T>, random: Random, count: number): T[] {
  const { groups, round } = strata;
  const [only = []] = groups;
  const drawn: T[] = [];
  if (groups.length < 2) {
    const deal = deckOf(only, random, drawn);
    for (let turn = 0; turn < Math.min(count, only.length); turn += 1) deal();
    return drawn;
  }
  const start = random(round.length);
  const places = exchangeEquals(strata, random);
  const decks = groups.map((rows) => deckOf(rows, random, drawn));
  for (let turn = 0; turn < Math.min(count, round.length); turn += 1) {
    const stratum = round[(start + turn) % round.length] ?? 0;
    decks[places[stratum] ?? stratum]?.();
  }
  return drawn;
}

/** Adds one random row a call until none is left: a Fisher-Yates shuffle that notes only what it exchanged. */
function deckOf<T>(rows: readonly T[], random: Random, drawn: T[]): () => void {
  const exchanged = new Map<number, number>();
  let place = 0;
  return () => {
    if (place === rows.length) return;
    const from = place + random(rows.length - place);
    const index = exchanged.get(from) ?? from;
    exchanged.set(from, exchanged.get(place) ?? place);
    place += 1;
    const row = rows[index];
    if (row !== undefined) drawn.push(row);
  };
}

/** Strata of one size take each other's turns at random: else the same ones would stand together in every draw. */
function exchangeEquals<T>({ groups, equals }: Strata<T>, random: Random): number[] {
  const places = groups.map((_, index) => index);
  for (const alike of equals) {
    const shuffled = drawFrom(alike, random);
    alike.forEach((place, index) => {
      places[place] = shuffled[index] ?? place;
    });
  }
  return places;
}
