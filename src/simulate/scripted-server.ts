import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type LocalRequest, startLocalServer } from './local-http.ts';
import {
  answerMetadata,
  answerPost,
  type IdentityChange,
  type ScriptedServerOptions,
  ScriptedState,
  takeTurn,
} from './scripted-endpoints.ts';
import type { EngineStats } from './scripted-engine.ts';
import type { Fault, FaultCall, Outcome } from './scripted-faults.ts';
import type { JudgeMode } from './scripted-judge.ts';

export interface RecordedRequest {
  readonly path: string;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  readonly at: number;
}

export interface ScriptedServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** The most POST requests that were open at one time. */
  maxConcurrent(): number;
  /** Chosen for each request as it arrives; null is no fault. Replaces what was set before. */
  setFault(choose: ((call: FaultCall) => Fault | null) | null): void;
  setJudgeMode(mode: (nth: number) => JudgeMode): void;
  setIdentityChange(change: IdentityChange | null): void;
  /** What the engine has done; undefined without one. */
  engineStats(): EngineStats | undefined;
  close(): Promise<void>;
}

const dripMs = 40;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** An OpenAI-compatible server in vLLM's shapes whose rule is known exactly and whose faults are chosen by a test. */
export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const state = new ScriptedState(options);
  const traffic: Traffic = { requests: [], callsByPath: new Map(), open: 0, mostOpen: 0 };
  const server = await startLocalServer({
    maxBodyBytes: MAX_BODY_BYTES,
    handle: (request) => handle(state, traffic, request),
    refuse: (response, status, message) => {
      if (!response.headersSent && !response.destroyed) {
        response.writeHead(status, { 'content-type': 'text/plain' }).end(message);
      }
    },
  });
  return {
    baseUrl: `${server.origin}/v1`,
    requests: traffic.requests,
    maxConcurrent: () => traffic.mostOpen,
    setFault: (choose) => {
      state.chooseFault = choose;
    },
    setJudgeMode: (mode) => {
      state.judgeMode = mode;
    },
    setIdentityChange: (change) => {
      state.identityChange = change;
    },
    engineStats: () => state.engine?.stats,
    close: () => server.close(),
  };
}

interface Traffic {
  readonly requests: RecordedRequest[];
  readonly callsByPath: Map<string, number>;
  open: number;
  mostOpen: number;
}

async function handle(state: ScriptedState, traffic: Traffic, request: LocalRequest): Promise<void> {
  const { path } = request;
  const body = parseJson(request.body);
  const nth = (traffic.callsByPath.get(path) ?? 0) + 1;
  traffic.callsByPath.set(path, nth);
  if (state.options.recordsRequests !== false) {
    traffic.requests.push({ path, body: body ?? request.body, at: Date.now() });
  }
  if (request.method !== 'POST') return deliver(request, answerMetadata(state, { path, nth, body }));
  traffic.open += 1;
  traffic.mostOpen = Math.max(traffic.mostOpen, traffic.open);
  try {
    if (state.options.latencyMs !== undefined) await sleep(state.options.latencyMs);
    const rank = request.headers['x-data-parallel-rank'];
    const turn = await takeTurn(state, { path, nth, body }, typeof rank === 'string' ? rank : undefined);
    const outcome = answerPost(state, { path, nth, body }, turn);
    await turn?.finish(answerTokensOf(outcome));
    await deliver(request, outcome);
  } finally {
    traffic.open -= 1;
  }
}

const replySchema = z.object({ usage: z.object({ completion_tokens: z.number() }) });

/** What an answer took to write; nothing where it is none. */
function answerTokensOf(outcome: Outcome): number {
  const reply = outcome.kind === 'send' ? replySchema.safeParse(parseJson(outcome.text)) : undefined;
  return reply?.success === true ? reply.data.usage.completion_tokens : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function deliver(request: LocalRequest, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'reset':
      request.response.socket?.resetAndDestroy();
      return;
    case 'stall':
      await new Promise((resolve) => request.gone.addEventListener('abort', resolve));
      return;
    case 'drip':
      await drip(request, outcome.text);
      return;
    case 'send':
      if (outcome.delayMs > 0) await sleep(outcome.delayMs);
      if (!request.gone.aborted)
        request.response.writeHead(outcome.status, outcome.headers).end(outcome.text);
  }
}

async function drip({ response, gone }: LocalRequest, text: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (const letter of text) {
    if (gone.aborted) return;
    response.write(letter);
    await sleep(dripMs);
  }
  response.end();
}
