/** Servers whose ways are known; `unknown` is any other that speaks the OpenAI protocol. */
export const engines = ['vllm', 'sglang', 'tgi', 'llamacpp', 'ollama', 'unknown'] as const;
export type Engine = (typeof engines)[number];

/** The policy's settings of an answer; temperature in [0, 2], topP in (0, 1]. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
}

type FieldValue = number | string | boolean | Readonly<Record<string, boolean | string>>;
/** The fields of a request's body beside model and messages. */
export type RequestFields = Readonly<Record<string, FieldValue>>;

/** How an engine is spoken to: it is sent the parameters that it takes, and every one of those that changes answers. */
export interface EngineProfile {
  readonly engine: Engine;
  /** How people call it. */
  readonly name: string;
  /** The fields of a chat request for these settings, all others neutral. */
  readonly fields: (sampling: Sampling) => RequestFields;
  /** Whether a chat request may set arguments of the template. */
  readonly takesTemplateArguments: boolean;
  /** How a request sets the effort of reasoning. */
  readonly effort: 'field' | 'templateArgument' | 'none';
  /** Settings that change answers and that only the server's own configuration decides. */
  readonly decidedByServer: readonly string[];
  /** What a user should know before a long run on this engine. */
  readonly notes: readonly string[];
}

/** What every server of the protocol takes. */
function standard({ temperature, topP, maxTokens, seed }: Sampling) {
  return {
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    seed,
    presence_penalty: 0,
    frequency_penalty: 0,
    n: 1,
    stream: false,
  };
}

/**
 * Shapes by public source and documentation: vLLM and SGLang by their protocol modules, llama.cpp by a server that was
 * watched, Ollama by its OpenAI module, TGI by its validation.
 */
const profiles: Readonly<Record<Engine, EngineProfile>> = {
  vllm: {
    engine: 'vllm',
    name: 'vLLM',
    // Without these, the model's own generation_config.json decides. -1 is "all" to every version, 0 to newer ones only.
    fields: (sampling) => ({ ...standard(sampling), top_k: -1, min_p: 0, repetition_penalty: 1 }),
    takesTemplateArguments: true,
    effort: 'field',
    decidedByServer: [],
    notes: [],
  },
  sglang: {
    engine: 'sglang',
    name: 'SGLang',
    fields: (sampling) => ({
      ...standard(sampling),
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      separate_reasoning: true,
    }),
    takesTemplateArguments: true,
    effort: 'field',
    decidedByServer: [],
    notes: [
      'versions of late 2025 ignored `seed` on this route: above temperature 0, repeated runs then differ; start the server with --enable-deterministic-inference',
    ],
  },
  llamacpp: {
    engine: 'llamacpp',
    name: 'llama.cpp',
    fields: (sampling) => ({
      ...standard(sampling),
      top_k: 0,
      min_p: 0,
      typical_p: 1,
      repeat_penalty: 1,
      mirostat: 0,
      dry_multiplier: 0,
      xtc_probability: 0,
      cache_prompt: true,
    }),
    takesTemplateArguments: true,
    effort: 'templateArgument',
    decidedByServer: [],
    notes: [],
  },
  ollama: {
    engine: 'ollama',
    name: 'Ollama',
    fields: standard,
    takesTemplateArguments: false,
    effort: 'field',
    decidedByServer: ['top_k', 'min_p', 'repeat_penalty', 'num_ctx'],
    notes: [
      'cuts prompts that are longer than its context without a word: start it with OLLAMA_CONTEXT_LENGTH above the longest prompt and its answer',
    ],
  },
  tgi: {
    engine: 'tgi',
    name: 'TGI',
    fields: (sampling) => {
      const { top_p, ...fields } = standard(sampling);
      // Its validation takes top_p between 0 and 1 alone; left out is 1.
      return sampling.topP < 1 ? { ...fields, top_p } : fields;
    },
    takesTemplateArguments: false,
    effort: 'none',
    decidedByServer: [],
    notes: ['is supported for plain chat alone: it reports neither cached tokens nor reasoning'],
  },
  unknown: {
    engine: 'unknown',
    name: 'an unknown server',
    fields: standard,
    takesTemplateArguments: false,
    effort: 'none',
    decidedByServer: ['top_k', 'min_p', 'repetition_penalty'],
    notes: [],
  },
};

export function profileOf(engine: Engine): EngineProfile {
  return profiles[engine];
}

/**
 * The engine that a server names itself by in its list of models.
 *
 * @example engineNamed('vllm') // 'vllm'
 * @example engineNamed('library') // 'unknown': Ollama gives a namespace there
 */
export function engineNamed(ownedBy: string | null): Engine {
  return engines.find((engine) => engine === ownedBy) ?? 'unknown';
}
