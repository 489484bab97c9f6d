import type { NgramSink } from './ngrams.ts';

/**
 * Adds up the weights of an answer's n-grams, each once. A Map would box every key, which is beyond 31 bits, and a Set
 * to count each once would hold the many that have no weight: this table does both by arrays.
 *
 * @example const sum = new NgramWeights(new Map([[5, 0.5]])); sum.start(1); sum.add(5); sum.add(5); sum.sum // 1.5
 */
export class NgramWeights implements NgramSink {
  /** Open addressing: an n-gram stands at its hash, or behind it where others stood there first. */
  readonly #keys: Float64Array;
  readonly #weights: Float64Array;
  /** In which round a key came last. */
  readonly #seen: Uint32Array;
  readonly #mask: number;
  #round = 0;
  #sum = 0;

  /** @param weights by n-gram; keys are whole numbers from 0 to 2^53 */
  constructor(weights: ReadonlyMap<number, number>) {
    // At most a third full: a key without a weight, as most are, soon meets an empty place.
    const size = 2 ** Math.ceil(Math.log2(3 * weights.size + 1));
    this.#mask = size - 1;
    this.#keys = new Float64Array(size).fill(empty);
    this.#weights = new Float64Array(size);
    this.#seen = new Uint32Array(size);
    for (const [key, weight] of weights) {
      const at = this.#placeOf(key);
      this.#keys[at] = key;
      this.#weights[at] = weight;
    }
  }

  /** Begins with another answer. */
  start(sum: number): void {
    // A round's number that comes back after 2^32 answers must not make old marks count.
    if (this.#round === 2 ** 32 - 1) {
      this.#seen.fill(0);
      this.#round = 0;
    }
    this.#round += 1;
    this.#sum = sum;
  }

  add(key: number): void {
    const at = this.#placeOf(key);
    if (this.#keys[at] !== key || this.#seen[at] === this.#round) return;
    this.#seen[at] = this.#round;
    this.#sum += this.#weights[at] ?? 0;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Where a key stands, or would. */
  #placeOf(key: number): number {
    const high = Math.floor(key / 2 ** 24);
    let at = Math.imul((key & 0xffffff) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 0;
    at = (at ^ (at >>> 15)) & this.#mask;
    while (this.#keys[at] !== empty && this.#keys[at] !== key) at = (at + 1) & this.#mask;
    return at;
  }
}

const empty = -1;
