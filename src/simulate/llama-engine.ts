import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { PromptPiece } from './chatml.ts';
import { chooseLane, type Lane, openLane } from './llama-lanes.ts';
import { countParameters, loadModel, openLibrary, requireChatml } from './llama-library.ts';
import type { Generated, GenerateOptions } from './llama-slots.ts';

/** Served with flash attention off: on a CPU it made decoding behind 900 tokens ten times slower. */
const FLASH_ATTENTION = false;

/** llama.cpp's threads spin, and a fixed count keeps the sums in one order on every machine. */
const DEFAULT_THREADS = 1;
const DEFAULT_SEQUENCES = 8;
/** More lanes than this serve no demo faster, and each holds a cache of its own. */
const MOST_LANES = 4;

export interface EngineInfo {
  readonly fileName: string;
  readonly chatTemplate: string;
  readonly contextTokens: number;
  readonly trainContextTokens: number;
  readonly vocabularyTokens: number;
  readonly parameters: number;
  readonly sizeBytes: number;
  /** Prefix caches of one lane. Not of all: what a server says of itself must not depend on the machine's cores. */
  readonly sequences: number;
  /** Engine and versions, as `system_fingerprint`. */
  readonly build: string;
}

export interface LlamaEngine {
  readonly info: EngineInfo;
  tokenize(pieces: readonly PromptPiece[]): readonly Token[];
  pieceText(token: Token): string;
  /** Waits for its turn. Rejects with the signal's reason when the caller has gone. */
  generate(options: GenerateOptions): Promise<Generated>;
  close(): Promise<void>;
}

/**
 * Opens a GGUF in process through `node-llama-cpp`, on the CPU, with its prebuilt binary.
 *
 * Requests are evaluated beside each other in lanes, one at a time in each: a batch of several would be faster still,
 * but its shape moves a logit by up to 1e-3, which is enough to turn a sampled token; answers must not depend on what
 * else was asked meanwhile.
 *
 * @param options.lanes one for each core, at most 4, unless given
 */
export async function openLlamaEngine(options: {
  readonly modelPath: string;
  readonly sequences?: number;
  readonly threads?: number;
  readonly lanes?: number;
}): Promise<LlamaEngine> {
  const threads = options.threads ?? DEFAULT_THREADS;
  const sequences = options.sequences ?? DEFAULT_SEQUENCES;
  const count = options.lanes ?? Math.min(availableParallelism(), MOST_LANES);
  const { llama, version } = await openLibrary(threads * count);
  try {
    const model = await loadModel(llama, options.modelPath);
    const chatTemplate = requireChatml(model, options.modelPath);
    const lanes: Lane[] = [];
    for (let lane = 0; lane < count; lane += 1) {
      const context = await model.createContext({
        sequences,
        contextSize: model.trainContextSize,
        threads: { ideal: threads, min: threads },
        flashAttention: FLASH_ATTENTION,
      });
      lanes.push(openLane(context, model));
    }
    const info: EngineInfo = {
      fileName: basename(options.modelPath),
      chatTemplate,
      contextTokens: model.trainContextSize,
      trainContextTokens: model.trainContextSize,
      vocabularyTokens: model.fileInfo.metadata.tokenizer.ggml.tokens.length,
      parameters: countParameters(model),
      sizeBytes: model.size,
      sequences,
      build: `mixgate-embedded-node-llama-cpp-${version}-llama.cpp-${llama.llamaCppRelease.release}`,
    };
    return buildEngine({ info, model, lanes, dispose: () => llama.dispose() });
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

function buildEngine(parts: {
  readonly info: EngineInfo;
  readonly model: LlamaModel;
  readonly lanes: readonly Lane[];
  readonly dispose: () => Promise<void>;
}): LlamaEngine {
  const { info, model, lanes } = parts;
  let closed = false;
  return {
    info,
    tokenize: (pieces) => pieces.flatMap(({ text, special }) => model.tokenize(text, special)),
    pieceText: (token) => model.detokenize([token], true),
    async generate(options) {
      if (closed) throw new Error('the embedded engine is closed');
      return chooseLane(lanes, options.prompt).generate(options);
    },
    async close() {
      closed = true;
      await Promise.all(lanes.map((lane) => lane.close()));
      await parts.dispose();
    },
  };
}
