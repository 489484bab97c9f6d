import type { UnscoredReason } from '../suite/outcome.ts';
import type { HttpEnding, HttpReply, ReplyHeaders } from './http.ts';

/**
 * Why a request has no answer. `scope: 'run'` means that every other request would end alike (a wrong key, a wrong
 * path): the run stops. `detail` is ours, or the server's status and type; never its free text, which may quote a
 * prompt.
 */
export interface Fault {
  readonly kind: 'fault';
  readonly code: string;
  readonly retryable: boolean;
  readonly reason: UnscoredReason;
  readonly scope: 'trial' | 'run';
  readonly detail: string;
  readonly retryAfterMs?: number;
}

const passing = new Set([408, 424, 425, 429, 500, 502, 503, 504, 529]);
const overflow =
  /context[ _](length|size|window)|longer than the model|maximum input length|exceed_context|max_new_tokens` must be/i;
/** A gateway's own filter, which answers 400 in the model's place. */
const filtered = /"(content_filter|ResponsibleAIPolicyViolation|content_policy_violation)"/;
/** A chat template that does not take a role, or roles in this order; some servers answer 500 to it. */
const roleRefused = /system role|roles? (?:is )?not supported|roles must alternate|TemplateError|jinja/i;
/** llama.cpp answers malformed requests with 500: asking again cannot help. */
const notPassing = /json\.exception|not supported/i;
/** The fields of a request that a refusal may name. */
const fieldNames =
  /\b(temperature|top_p|top_k|min_p|typical_p|max_tokens|seed|presence_penalty|frequency_penalty|repetition_penalty|repeat_penalty|reasoning_effort|chat_template_kwargs|separate_reasoning|messages|model)\b/;

/** Of an error's body: what it is stands at its beginning. */
const mostErrorChars = 65_536;

/**
 * Tells what a status means by status, type, code and message together: servers agree on none of them alone
 * (shapes of vLLM, SGLang, TGI and llama.cpp).
 *
 * @param body as it came, or parsed
 */
export function classifyFault(status: number, body: unknown, headers: ReplyHeaders | undefined): Fault {
  const text = (typeof body === 'string' ? body : rewrite(body)).slice(0, mostErrorChars);
  const base = { kind: 'fault', code: `http${status}`, detail: `HTTP ${status}`, scope: 'trial' } as const;
  if ([400, 413, 422].includes(status) && overflow.test(text)) {
    return { ...base, retryable: false, reason: 'contextTooLong' };
  }
  if (status === 400 && filtered.test(text)) return { ...base, retryable: false, reason: 'contentFilter' };
  const roles = [400, 422, 500].includes(status) && roleRefused.test(text);
  if (passing.has(status) && !roles && !(status === 500 && notPassing.test(text))) {
    const retryAfterMs = readRetryAfter(headers);
    return {
      ...base,
      retryable: true,
      reason: 'requestFailed',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  const everyRequest = [401, 403, 404, 405, 501].includes(status);
  return {
    ...base,
    detail: `${base.detail}${roles ? ', the chat template refuses a role' : whatIsNamed(status, text)}`,
    retryable: false,
    reason: 'requestRefused',
    scope: everyRequest ? 'run' : 'trial',
  };
}

/** What nests without end cannot be written again, and says nothing. */
function rewrite(body: unknown): string {
  try {
    return JSON.stringify(body ?? '') ?? '';
  } catch {
    return '';
  }
}

/** Of a refusal's text only the name of a field of ours: the rest may quote a prompt. */
function whatIsNamed(status: number, text: string): string {
  const [, field] = [400, 422].includes(status) ? (fieldNames.exec(text) ?? []) : [];
  return field === undefined ? '' : `, which names ${field}`;
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'fault';
}

/**
 * `Retry-After` in seconds, or as a date: the server's own `Date` is subtracted from that, so that neither our clock
 * nor the difference between the two counts.
 */
function readRetryAfter(headers: ReplyHeaders | undefined): number | undefined {
  const value = headers?.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers?.get('date') ?? '');
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined;
}

/** Why a request has no reply: none of these says anything about the request itself. */
export function faultOfEnding(ending: Exclude<HttpEnding, HttpReply>): Fault {
  const base = { kind: 'fault', reason: 'requestFailed', scope: 'trial', retryable: true } as const;
  switch (ending.kind) {
    case 'stopped':
      return { ...base, code: 'aborted', retryable: false, scope: 'run', detail: 'stopped' };
    case 'tookTooLong':
      return { ...base, code: 'timeout', detail: 'no answer within the time limit' };
    case 'tooLong':
      return {
        ...base,
        code: 'endless',
        retryable: false,
        reason: 'malformedAnswer',
        detail: 'an answer far longer than any is',
      };
    case 'noRoom':
      return { ...base, code: 'noRoom', detail: 'more answers at once than memory is kept for' };
    case 'failed':
      return { ...base, code: 'network', detail: describeFailure(ending.error) };
  }
}

/** Ours, with a system's code such as ECONNREFUSED; never a message, which may quote an answer. */
function describeFailure(error: Error): string {
  const codes: unknown[] = [];
  for (let one: unknown = error; one instanceof Error && codes.length < 8; one = one.cause) {
    if ('code' in one) codes.push(one.code);
  }
  const code = codes.find(isSystemCode);
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
}

function isSystemCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code);
}
