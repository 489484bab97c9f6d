import type { AnswerEntry, JournalEntry } from './journal-entry.ts';
import type { FileLine } from './read-lines.ts';

/** Where a line stands in a journal, in bytes, without its end. */
export type Place = Pick<FileLine, 'start' | 'length'>;

/** Makes what memory keeps of the answers of one journal. */
export class AnswerKeeper {
  readonly #read: (place: Place) => JournalEntry;
  #last: AnswerEntry | undefined;

  /** @param read the line that stands at a place */
  constructor(read: (place: Place) => JournalEntry) {
    this.#read = read;
  }

  /** An answer whose text was taken away is kept as it is. */
  keep(entry: AnswerEntry, place: Place): AnswerEntry {
    if (entry.text === null) return entry;
    this.#last = new KeptAnswer(entry, place, this.#read, this.#last);
    return this.#last;
  }
}

/**
 * An answer of which memory holds all but the text: that stands in the journal, and a long run has more of it than
 * memory has room for. Read again each time it is asked for.
 */
class KeptAnswer implements AnswerEntry {
  readonly t = 'answer';
  readonly id: string;
  readonly finish: string;
  readonly reasoned: boolean;
  readonly model: string | null;
  readonly fingerprint: string | null;
  readonly #promptTokens: number | null;
  readonly #cachedTokens: number | null;
  readonly #completionTokens: number | null;
  readonly #start: number;
  readonly #length: number;
  readonly #read: (place: Place) => JournalEntry;

  /** @param alike the answer before, whose words for the server are taken over where they are the same */
  constructor(
    { id, finish, reasoned, usage, model, fingerprint }: AnswerEntry,
    { start, length }: Place,
    read: (place: Place) => JournalEntry,
    alike: AnswerEntry | undefined,
  ) {
    this.id = id;
    this.finish = alike?.finish === finish ? alike.finish : finish;
    this.reasoned = reasoned;
    this.model = alike?.model === model ? alike.model : model;
    this.fingerprint = alike?.fingerprint === fingerprint ? alike.fingerprint : fingerprint;
    this.#promptTokens = usage.promptTokens;
    this.#cachedTokens = usage.cachedTokens;
    this.#completionTokens = usage.completionTokens;
    this.#start = start;
    this.#length = length;
    this.#read = read;
  }

  get usage(): AnswerEntry['usage'] {
    const [promptTokens, cachedTokens] = [this.#promptTokens, this.#cachedTokens];
    return { promptTokens, cachedTokens, completionTokens: this.#completionTokens };
  }

  get text(): string | null {
    return this.#whole.text;
  }

  get at(): string {
    return this.#whole.at;
  }

  get #whole(): AnswerEntry {
    const entry = this.#read({ start: this.#start, length: this.#length });
    if (entry.t === 'answer' && entry.id === this.id) return entry;
    throw new RangeError('KeptAnswer: expected the answer where it was written, got another line');
  }
}
