import { hash } from 'node:crypto';
import type { ScriptedMessage } from './scripted-prompt.ts';

/** vLLM caches in blocks of this many tokens. */
const BLOCK = 16;

/** The scripted server's tokens: the words of the messages, each message led by its role. */
export function promptWords(messages: readonly ScriptedMessage[]): readonly string[] {
  return messages.flatMap(({ role, content }) => [role, ...splitWords(content)]);
}

export function splitWords(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** What a prompt found in the cache, and the way to keep what it had to compute. */
export interface Found {
  readonly cached: number;
  keep(): void;
}

/**
 * A prefix cache in whole blocks; at least one token of a prompt is always computed. With a bound, the blocks least
 * recently used make room, the ends of prompts before their beginnings.
 */
export class PrefixCache {
  /** In the order of their last use. */
  readonly #blocks = new Set<string>();
  readonly #most: number;

  /** @param tokens what it holds; without end when absent */
  constructor(tokens = Number.POSITIVE_INFINITY) {
    this.#most = Math.floor(tokens / BLOCK);
  }

  /** The number of tokens that an earlier prompt had computed; from now on this prompt's are cached too. */
  reuse(owner: string, words: readonly string[]): number {
    const found = this.look(owner, words);
    found.keep();
    return found.cached;
  }

  look(owner: string, words: readonly string[]): Found {
    const blocks: string[] = [];
    let before = owner;
    for (let end = BLOCK; end < words.length; end += BLOCK) {
      before = hash('sha1', `${before} ${words.slice(end - BLOCK, end).join(' ')}`, 'base64');
      blocks.push(before);
    }
    const missing = blocks.findIndex((block) => !this.#blocks.has(block));
    const held = missing < 0 ? blocks.length : missing;
    this.#use(blocks.slice(0, held));
    return { cached: held * BLOCK, keep: () => this.#use(blocks) };
  }

  /** The beginning last, so that it stays longest. */
  #use(blocks: readonly string[]): void {
    for (const block of blocks.toReversed()) {
      this.#blocks.delete(block);
      this.#blocks.add(block);
    }
    for (const oldest of this.#blocks) {
      if (this.#blocks.size <= this.#most) return;
      this.#blocks.delete(oldest);
    }
  }
}
