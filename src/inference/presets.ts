import type { EngineProfile, RequestFields } from './engine.ts';

/**
 * What is known of a model family beyond its engine: what a request sets for it, so that no template's default decides,
 * and what people should know. By public templates, model cards and issues; not watched on these models.
 */
export interface ModelPreset {
  readonly family: string;
  /** Whether it reasons before it answers, with what a request sets. */
  readonly reasons: 'always' | 'never';
  /** The effort of reasoning that is set, where there is a choice. */
  readonly effort: 'low' | 'medium' | 'high' | null;
  readonly templateArguments: Readonly<Record<string, boolean | string>>;
  readonly notes: readonly string[];
}

interface Named {
  readonly pattern: RegExp;
  readonly preset: ModelPreset;
}

const plain = { reasons: 'never', effort: null, templateArguments: {} } as const;

const known: readonly Named[] = [
  {
    pattern: /gpt-?oss/i,
    preset: {
      family: 'GPT-OSS',
      reasons: 'always',
      // The template's own default, set since servers may be started with another.
      effort: 'medium',
      templateArguments: {},
      notes: [
        'writes the date into every prompt: start vLLM with VLLM_SYSTEM_START_DATE, or prompts change at midnight and with them the comparison with a baseline',
        'a system prompt becomes the developer message; the system message of its format is the template’s own',
      ],
    },
  },
  {
    pattern: /gemma-?4/i,
    preset: {
      family: 'Gemma 4',
      reasons: 'never',
      effort: null,
      templateArguments: { enable_thinking: false },
      notes: [
        'may open an empty thought channel even with thinking off; what stands in it is never judged as the answer',
      ],
    },
  },
  {
    pattern: /olmo-?3.*-(sft|dpo)\b/i,
    preset: {
      ...plain,
      family: 'OLMo 3 (SFT or DPO)',
      notes: [
        'its template’s own system prompt is not that of the final Instruct model: to compare stages, set sampling.systemPrompt in the policy',
      ],
    },
  },
  {
    pattern: /olmo-?3.*-instruct/i,
    preset: {
      ...plain,
      family: 'OLMo 3 Instruct',
      notes: [
        'its template’s own system prompt is not that of the SFT and DPO stages: to compare stages, set sampling.systemPrompt in the policy',
      ],
    },
  },
  {
    pattern: /llama-?3[.-]1.*instruct/i,
    preset: {
      ...plain,
      family: 'Llama 3.1 Instruct',
      notes: ['its template opens every prompt with a system message of its own that holds a fixed date'],
    },
  },
];

/**
 * The preset of a served model, by the name that it is served under or by its root.
 *
 * @param names what the model is called, the telling ones first; null where a server does not say
 * @returns undefined for a model that no preset knows
 * @example presetOf(['candidate', '/models/gpt-oss-20b'])?.effort // 'medium'
 */
export function presetOf(names: readonly (string | null)[]): ModelPreset | undefined {
  for (const name of names) {
    const found = known.find(({ pattern }) => name !== null && pattern.test(name));
    if (found !== undefined) return found.preset;
  }
  return undefined;
}

/** What a request to this engine holds for this model, beside the sampling. */
export function presetFields(preset: ModelPreset | undefined, profile: EngineProfile): RequestFields {
  if (preset === undefined) return {};
  const { effort } = preset;
  const asArgument =
    effort !== null && profile.effort === 'templateArgument' ? { reasoning_effort: effort } : {};
  const templateArguments = { ...preset.templateArguments, ...asArgument };
  const argumentsTaken = profile.takesTemplateArguments && Object.keys(templateArguments).length > 0;
  return {
    ...(effort !== null && profile.effort === 'field' ? { reasoning_effort: effort } : {}),
    ...(argumentsTaken ? { chat_template_kwargs: templateArguments } : {}),
  };
}
