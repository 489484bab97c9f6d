import { basename } from 'node:path';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { ConfigError } from '../config/errors.ts';
import { CHATML_TEMPLATE } from './chatml.ts';

/** The library on the CPU with its prebuilt binary, silent, and with no more threads than given. */
export async function openLibrary(
  threads: number,
): Promise<{ readonly llama: Llama; readonly version: string }> {
  const { getLlama, getModuleVersion, LlamaLogLevel } = await importLibrary();
  const version = await getModuleVersion();
  try {
    const llama = await getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: LlamaLogLevel.disabled,
      maxThreads: threads,
    });
    return { llama, version };
  } catch (cause) {
    const got = `none for ${process.platform}-${process.arch}`;
    throw engineError('embedded-engine-binary', 'a prebuilt binary of node-llama-cpp', got, cause);
  }
}

/** Only here, and only when asked for: the dependency is optional and must not be pulled into a bundle. */
async function importLibrary(): Promise<typeof import('node-llama-cpp')> {
  try {
    // A bundler would turn this into an import at the start, paid for by every command and fatal without the package.
    return await import(/* webpackIgnore: true */ 'node-llama-cpp');
  } catch (cause) {
    const expected = 'the optional package node-llama-cpp';
    throw engineError('embedded-engine-missing', expected, 'an import that failed', cause);
  }
}

function engineError(code: string, expected: string, got: string, cause: unknown): ConfigError {
  const remedy = 'run `npm install node-llama-cpp@3.21.1`, or name a server with --base-url';
  return new ConfigError({ code, where: 'embedded engine', expected, got, remedy }, { cause });
}

export async function loadModel(llama: Llama, modelPath: string): Promise<LlamaModel> {
  try {
    return await llama.loadModel({ modelPath });
  } catch (cause) {
    throw new ConfigError(
      {
        code: 'embedded-model-unreadable',
        where: basename(modelPath),
        expected: 'a GGUF that llama.cpp can load',
        got: cause instanceof Error ? cause.message : String(cause),
        remedy:
          'check the path and the file, for one that ships with mixgate against fixtures/models/README.md',
      },
      { cause },
    );
  }
}

export function requireChatml(model: LlamaModel, modelPath: string): string {
  const template = model.fileInfo.metadata.tokenizer.chat_template;
  if (template === CHATML_TEMPLATE) return template;
  throw new ConfigError({
    code: 'embedded-template-unknown',
    where: basename(modelPath),
    expected: 'a GGUF whose tokenizer.chat_template is plain ChatML',
    got: template === undefined ? 'none' : 'another template',
    remedy: 'serve this model with llama.cpp, vLLM or SGLang and name it with --base-url',
  });
}

export function countParameters(model: LlamaModel): number {
  const tensors = model.fileInfo.fullTensorInfo ?? [];
  return tensors.reduce(
    (sum, { dimensions }) => sum + dimensions.reduce((size: number, each) => size * Number(each), 1),
    0,
  );
}
