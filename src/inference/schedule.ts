import { workConcurrently } from './concurrency.ts';
import type { Places } from './places.ts';
import { PrefixQueue } from './prefix-queue.ts';
import type { Visit } from './prefix-walk.ts';
import { SlotQueue } from './slot-queue.ts';
import type { MayStart, WorkOrder } from './work-order.ts';

/** How a server keeps computed prefixes: for all requests together, or for each slot its own. */
export type CacheScope =
  /**
   * `room`: characters of contexts that each place holds beside so many requests; absent where it does not tell. One
   * place when absent.
   */
  | {
      readonly kind: 'shared';
      readonly room?: ((requests: number) => number) | undefined;
      readonly places?: Places | undefined;
    }
  | { readonly kind: 'perSlot'; readonly places?: Places | undefined };

/**
 * Works through contexts along their tree, so that the server computes each prefix once and its slots do not idle.
 *
 * @param input.limit how many may be under way at this moment
 * @param input.mayStart asked before an item starts beside unfinished ones of earlier blocks
 * @param input.stopped asked before each start; when true, nothing further starts
 * @param input.work tells whether the server has computed the item's prompt
 * @returns the most items that were under way at once
 * @throws what `work` throws first, after everything under way has ended
 */
export function workInPrefixOrder<T>(input: {
  readonly walk: Iterable<Visit<T>>;
  readonly cache: CacheScope;
  readonly limit: () => number;
  readonly mayStart?: MayStart<T> | undefined;
  readonly stopped: () => boolean;
  readonly work: (item: T) => Promise<boolean>;
}): Promise<number> {
  const order = orderFor(input);
  return workConcurrently<T>({
    next: (underWay) => order.next(underWay, input.limit()),
    limit: input.limit,
    stopped: input.stopped,
    work: async (item) => {
      let computed = false;
      try {
        computed = await input.work(item);
      } finally {
        order.ended(item, computed);
      }
    },
  });
}

function orderFor<T>(input: {
  readonly walk: Iterable<Visit<T>>;
  readonly cache: CacheScope;
  readonly mayStart?: MayStart<T> | undefined;
}): WorkOrder<T> {
  switch (input.cache.kind) {
    case 'shared':
      return new PrefixQueue({ ...input, room: input.cache.room, places: input.cache.places });
    case 'perSlot':
      return new SlotQueue({ ...input, places: input.cache.places });
  }
}
