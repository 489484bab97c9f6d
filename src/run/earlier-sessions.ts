import type { Cost, Spent } from '../inference/budget.ts';
import { actualCost } from '../inference/exchange.ts';
import type { JournalEntry } from '../inference/journal.ts';

/** What earlier sessions spent; a request without an answer counts at its worst. */
export function spentBefore(entries: readonly JournalEntry[], to: 'candidate' | 'judge'): Spent {
  const open = new Map<string, Cost>();
  let spent: Spent = { requests: 0, prompt: 0, cached: 0, completion: 0 };
  const add = (cost: Cost) => {
    spent = {
      requests: spent.requests + 1,
      prompt: spent.prompt + cost.prompt,
      cached: spent.cached + cost.cached,
      completion: spent.completion + cost.completion,
    };
  };
  for (const entry of entries) {
    if (entry.t === 'sent' && entry.to === to) {
      const unanswered = open.get(entry.id);
      if (unanswered !== undefined) add(unanswered);
      open.set(entry.id, entry.worst);
    } else if ((entry.t === 'answer' || entry.t === 'checked') && to === 'candidate') {
      const worst = open.get(entry.id);
      if (worst !== undefined) add(actualCost(entry, worst));
      open.delete(entry.id);
    }
  }
  for (const cost of open.values()) add(cost);
  return spent;
}

/**
 * Minutes in which earlier sessions were at work: from each session's start to its last line. No two lines of a session
 * at work lie further apart than a request may take with its waits: more is a clock that was set meanwhile, or a
 * machine that slept.
 */
export function minutesAtWork(entries: readonly JournalEntry[], timeoutSeconds: number): number {
  const longest = 2 * timeoutSeconds * 1000 + 60_000;
  let milliseconds = 0;
  let last: number | undefined;
  for (const entry of entries) {
    if (!('at' in entry)) continue;
    const at = Date.parse(entry.at);
    if (entry.t !== 'session' && last !== undefined) {
      milliseconds += Math.min(Math.max(0, at - last), longest);
    }
    last = at;
  }
  return milliseconds / 60_000;
}
