/** Something to do next; `nothing` also while everything left waits for what is under way. */
export type Next<T> = { readonly kind: 'work'; readonly item: T } | { readonly kind: 'nothing' };

export const nothing = { kind: 'nothing' } as const;

/**
 * Does work as it comes, as much of it at once as the limit of the moment allows; looks for more whenever something
 * ends.
 *
 * @param input.next asked only while there is room; must give something while nothing is under way, unless all is done
 * @param input.stopped asked before each start; when true, nothing further starts
 * @returns the most that was under way at once
 * @throws what `work` throws first, after everything under way has ended
 */
export function workConcurrently<T>(input: {
  readonly next: (underWay: number) => Next<T>;
  readonly limit: () => number;
  readonly stopped: () => boolean;
  readonly work: (item: T) => Promise<void>;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    const failures: unknown[] = [];
    let underWay = 0;
    let most = 0;
    const run = async (item: T) => {
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        await input.work(item);
      } catch (error) {
        failures.push(error);
      }
      underWay -= 1;
      fill();
    };
    const startNext = (): boolean => {
      if (underWay >= input.limit() || failures.length > 0 || input.stopped()) return false;
      const next = input.next(underWay);
      if (next.kind === 'nothing') return false;
      void run(next.item);
      return true;
    };
    const fill = () => {
      try {
        while (startNext());
      } catch (error) {
        failures.push(error);
      }
      if (underWay > 0) return;
      if (failures.length > 0) reject(failures[0]);
      else resolve(most);
    };
    fill();
  });
}

/** A list's items in its order. */
export function inOrder<T>(items: readonly T[]): () => Next<T> {
  let at = 0;
  return () => {
    const item = items[at];
    if (item === undefined) return nothing;
    at += 1;
    return { kind: 'work', item };
  };
}
