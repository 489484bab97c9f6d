import type { Next } from './concurrency.ts';

/** In which order trials are asked, so that a server's prefix cache computes little twice and its slots do not idle. */
export interface WorkOrder<T> {
  /** What to start now, beside what is under way; something, unless all is done, while nothing is. */
  next(underWay: number, limit: number): Next<T>;
  /** @param computed whether the server has computed the item's prompt, and so holds its context */
  ended(item: T, computed: boolean): void;
}

/** May an item of a later block start while these, of earlier blocks, are unfinished? */
export type MayStart<T> = (item: T, unfinished: readonly T[]) => boolean;
