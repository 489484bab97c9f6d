import type { AnswerEntry } from './journal.ts';

/**
 * An answer of which memory holds all but the text: that stands in the journal, and a long run has more of it than
 * memory has room for. Read again each time it is asked for.
 */
export class KeptAnswer implements AnswerEntry {
  readonly t = 'answer';
  readonly id: string;
  readonly finish: string;
  readonly reasoned: boolean;
  readonly usage: AnswerEntry['usage'];
  readonly model: string | null;
  readonly fingerprint: string | null;
  readonly #read: (id: string) => AnswerEntry;

  /** @param alike the answer before, whose words for the server are taken over where they are the same */
  constructor(entry: AnswerEntry, read: (id: string) => AnswerEntry, alike: AnswerEntry | undefined) {
    const { promptTokens, cachedTokens, completionTokens } = entry.usage;
    this.id = entry.id;
    this.finish = alike?.finish === entry.finish ? alike.finish : entry.finish;
    this.reasoned = entry.reasoned;
    this.usage = { promptTokens, cachedTokens, completionTokens };
    this.model = alike?.model === entry.model ? alike.model : entry.model;
    this.fingerprint = alike?.fingerprint === entry.fingerprint ? alike.fingerprint : entry.fingerprint;
    this.#read = read;
  }

  get text(): string | null {
    return this.#read(this.id).text;
  }

  get at(): string {
    return this.#read(this.id).at;
  }
}
