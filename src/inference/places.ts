/**
 * Parts of what answers, each with slots and a prefix cache of its own: replicas, and data-parallel ranks of each. They
 * are numbered from 0.
 */
export interface Places {
  readonly count: number;
  /**
   * Where requests with this strand go: always the same place.
   *
   * @param open places with too little to do, most wanting first: a new strand goes to one of these where it can
   */
  of(strand: string, open: readonly number[]): number;
}

/** A server with one cache for all requests, or of which it is not known otherwise. */
export const onePlace: Places = { count: 1, of: () => 0 };

/** How many of `limit` requests one place takes: more than its share would leave the others idle. */
export function shareOf(limit: number, { count }: Places): number {
  return Math.ceil(limit / count);
}
