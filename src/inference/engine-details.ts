import { z } from 'zod';
import type { Client } from './client.ts';
import { type Engine, engineNamed } from './engine.ts';
import { type Fault, isFault } from './fault.ts';
import { readPatiently } from './read-patiently.ts';

/** What stands beside a server's list of models; null where it does not say. */
export interface EngineDetails {
  readonly engine: Engine;
  /** What is served: a path, a repository with its revision, or a digest. */
  readonly root: string | null;
  readonly version: string | null;
  /** Tokens of one request, prompt and answer. */
  readonly contextLength: number | null;
  readonly template: string | null;
}

/** Anything else is no number of tokens, and taken as not told. */
export const contextTokens = z
  .int()
  .min(0)
  .max(2 ** 31)
  .nullish()
  .catch(null);
const word = z.string().min(1).nullish().catch(null);

const propsSchema = z.object({
  chat_template: word,
  build_info: word,
  model_path: word,
  default_generation_settings: z.object({ n_ctx: contextTokens }).nullish().catch(null),
});
const versionSchema = z.object({ version: z.string().min(1) });
const sglangSchema = z.object({ version: word, model_path: word, context_length: contextTokens });
const tgiSchema = z.object({
  model_id: z.string().min(1),
  model_sha: word,
  version: word,
  max_total_tokens: contextTokens,
});
const tagsSchema = z.object({ models: z.array(z.object({ name: z.string(), digest: word })) });
const templateSchema = z.object({ template: word });

/** A question beside the list of models; undefined where the server does not offer it. */
type Ask = <T>(path: string, schema: z.ZodType<T>, body?: object) => Promise<T | undefined>;
type ReadDetails = (ask: Ask, model: string) => Promise<EngineDetails | undefined>;

const nothing = { root: null, version: null, contextLength: null, template: null } as const;

const readers: Readonly<Record<Engine, ReadDetails>> = {
  vllm: async (ask) => {
    const told = await ask('//version', versionSchema);
    return { ...nothing, engine: 'vllm', version: told?.version ?? null };
  },
  sglang: async (ask) => {
    const told = (await ask('//get_server_info', sglangSchema)) ?? (await ask('//server_info', sglangSchema));
    return {
      ...nothing,
      engine: 'sglang',
      root: told?.model_path ?? null,
      version: told?.version ?? null,
      contextLength: told?.context_length ?? null,
    };
  },
  llamacpp: async (ask) => {
    const props = await ask('//props', propsSchema);
    return {
      engine: 'llamacpp',
      root: props?.model_path ?? null,
      version: props?.build_info ?? null,
      // Of one slot: the whole context is divided between them.
      contextLength: props?.default_generation_settings?.n_ctx ?? null,
      template: props?.chat_template ?? null,
    };
  },
  tgi: async (ask) => {
    const info = await ask('//info', tgiSchema);
    if (info === undefined) return undefined;
    const { model_id, model_sha, version, max_total_tokens } = info;
    return {
      ...nothing,
      engine: 'tgi',
      root: model_sha == null ? model_id : `${model_id}@${model_sha}`,
      version: version ?? null,
      contextLength: max_total_tokens ?? null,
    };
  },
  ollama: async (ask, model) => {
    const told = await ask('//api/version', versionSchema);
    if (told === undefined) return undefined;
    const tags = await ask('//api/tags', tagsSchema);
    const digest = tags?.models.find(({ name }) => name === model || name === `${model}:latest`)?.digest;
    const shown = await ask('//api/show', templateSchema, { model });
    return {
      ...nothing,
      engine: 'ollama',
      root: digest == null ? null : `sha256:${digest.replace(/^sha256:/, '')}`,
      version: told.version,
      template: shown?.template ?? null,
    };
  },
  unknown: async (ask) => {
    const props = await ask('//props', propsSchema);
    const told = props === undefined ? await ask('//version', versionSchema) : undefined;
    return {
      ...nothing,
      engine: 'unknown',
      version: props?.build_info ?? told?.version ?? null,
      template: props?.chat_template ?? null,
    };
  },
};

/**
 * Finds out what kind of server this is, and reads what that kind tells beside its list of models. A server that was
 * met before is asked as what it was then: one that does not answer such a question any more is away, not another.
 *
 * @param ownedBy as its list of models says
 * @param away the error for a server that was met and does not answer now
 * @throws what `away` makes
 */
export async function readEngineDetails(
  client: Client,
  ownedBy: string | null,
  signal: AbortSignal,
  away: (fault: Fault) => Error,
): Promise<EngineDetails> {
  const met = client.manner?.profile.engine;
  const ask: Ask = async (path, schema, body) => {
    const told = await readPatiently(client, path, signal, body);
    if (isFault(told) && told.retryable && met !== undefined && met !== 'unknown' && !signal.aborted)
      throw away(told);
    const parsed = isFault(told) ? undefined : schema.safeParse(told);
    return parsed?.success === true ? parsed.data : undefined;
  };
  const { model } = client.endpoint;
  const likely = met ?? engineNamed(ownedBy);
  if (likely !== 'unknown' || met !== undefined) {
    return (await readers[likely](ask, model)) ?? { ...nothing, engine: 'unknown' };
  }
  return detect(ask, model);
}

/** For lists of models that name no engine: as TGI's and Ollama's, whose owners are models and namespaces. */
async function detect(ask: Ask, model: string): Promise<EngineDetails> {
  const props = await ask('//props', propsSchema);
  if (props?.default_generation_settings != null) return readKnown('llamacpp', ask, model);
  const [ollama, tgi] = await Promise.all([readers.ollama(ask, model), readers.tgi(ask, model)]);
  return tgi ?? ollama ?? readKnown('unknown', ask, model);
}

async function readKnown(engine: Engine, ask: Ask, model: string): Promise<EngineDetails> {
  return (await readers[engine](ask, model)) ?? { ...nothing, engine: 'unknown' };
}
