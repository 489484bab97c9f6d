/** How much of other people's answers is held at once; in bytes. */
export class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @returns false where so much is not left; nothing is then taken */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

/**
 * The body of one reply while it comes, copied into one buffer that grows: a server chooses its chunks, and a buffer for
 * each would cost a hundred times a chunk of one byte.
 */
export class ReplyBytes {
  readonly #most: number;
  readonly #room: Room;
  #bytes = Buffer.alloc(0);
  #length = 0;

  /** @param most bytes of a reply */
  constructor(most: number, room: Room) {
    this.#most = most;
    this.#room = room;
  }

  add(chunk: Buffer): 'added' | 'tooLong' | 'noRoom' {
    const length = this.#length + chunk.length;
    if (length > this.#most) return 'tooLong';
    if (length > this.#bytes.length && !this.#grow(length)) return 'noRoom';
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
    return 'added';
  }

  /** As UTF-8; a byte order mark before it is none of it. */
  text(): string {
    const text = this.#bytes.toString('utf8', 0, this.#length);
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  /** Nothing is held any more. */
  free(): void {
    this.#room.giveBack(this.#bytes.length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }

  /** Twice what it was, so that many small chunks are copied twice on average. */
  #grow(length: number): boolean {
    const old = this.#bytes;
    const size = Math.min(this.#most, Math.max(length, 2 * old.length));
    if (!this.#room.take(size)) return false;
    this.#bytes = Buffer.allocUnsafe(size);
    this.#bytes.set(old.subarray(0, this.#length));
    this.#room.giveBack(old.length);
    return true;
  }
}
