import { answerRoom, type Client } from '../inference/client.ts';
import { profileOf } from '../inference/engine.ts';
import {
  type Finding,
  judgeContext,
  judgeSystem,
  judgeTokenizer,
  judgeTurns,
  judgeWhole,
  type Readiness,
  systemRemedy,
} from '../inference/preflight.ts';
import type { ServedIdentity } from '../inference/served.ts';
import type { Plan } from '../suite/plan.ts';
import { type AskProbe, makeAskProbe, measure, type Probed, type ProbeTools } from './ask-probe.ts';
import { policyAsked } from './plan-cost.ts';
import { buildProbes, type Probes, turnsApart } from './probes.ts';
import type { Servers } from './servers.ts';

/** What the candidate's servers are tried with. */
export interface CandidateCheck extends ProbeTools {
  readonly plan: Plan;
  readonly servers: Pick<Servers, 'replicas' | 'served' | 'tokenizer'>;
  /** Tokens of the plan's longest prompt, as its cost was worked out. */
  readonly longestPrompt: { readonly tokens: number; readonly exact: boolean };
}

/**
 * Tries the candidate's servers before the first trial: what they take, whether they answer, and whether prompts arrive
 * as they were sent. Seven short requests at the most, and one more for each further replica.
 *
 * @throws ModelError on a fault that every request would meet, such as a wrong key
 */
export async function checkCandidate(input: CandidateCheck): Promise<Finding[]> {
  const { plan, servers } = input;
  const [first, ...others] = servers.replicas;
  if (first === undefined) throw new RangeError('checkCandidate: expected at least one replica, got none');
  const probes = buildProbes(plan, policyAsked(input.policy, first));
  const tryOn = (replica: Client): Trying => ({
    ask: makeAskProbe(replica, input),
    of: replica.endpoint.namedBy,
    probes,
    check: input,
  });
  const trying = tryOn(first);
  const findings = [...describeServed(first, servers), ...(await checkQuestion(trying))];
  // A server that does not answer a plain question is not asked longer ones.
  if (findings.some(({ outcome }) => outcome === 'fail')) return findings;
  findings.push(
    ...(await checkTurns(trying)),
    ...(await checkSystem(trying)),
    ...(await checkLongest(trying)),
  );
  for (const replica of others) findings.push(...(await checkQuestion(tryOn(replica))));
  return findings;
}

/** One server under trial. */
interface Trying {
  readonly ask: AskProbe;
  /** The flag that named it. */
  readonly of: string;
  readonly probes: Probes;
  readonly check: CandidateCheck;
}

/** A server that is there, with what it says of itself. */
export function describeServer(
  client: Client,
  { model, root, version, contextLength }: ServedIdentity,
  replicas = 1,
): Finding {
  const { name } = client.manner?.profile ?? profileOf('unknown');
  const told = [
    `${name}${version === null ? '' : ` ${version}`} serves ${JSON.stringify(model)}`,
    root === null ? '' : ` from ${root}`,
    contextLength === null ? '' : `, context ${contextLength} tokens`,
    replicas === 1 ? '' : `, ${replicas} replicas alike`,
  ];
  return { check: 'served', of: client.endpoint.namedBy, outcome: 'ok', what: told.join(''), remedy: '' };
}

function describeServed(client: Client, { served, replicas }: CandidateCheck['servers']): Finding[] {
  const profile = client.manner?.profile ?? profileOf('unknown');
  const preset = client.manner?.preset;
  const of = client.endpoint.namedBy;
  const { decidedByServer } = profile;
  const notes = [...profile.notes, ...(preset?.notes ?? [])];
  return [
    describeServer(client, served, replicas.length),
    ...(decidedByServer.length === 0
      ? []
      : [
          warn('settings', of, {
            what: `${profile.name} takes no ${decidedByServer.join(', ')} from requests`,
            remedy: 'see that the server’s own are neutral, and the same for candidate and baseline',
          }),
        ]),
    ...notes.map(
      (note): Finding => ({
        check: 'settings',
        of,
        outcome: 'note',
        what: `${preset?.notes.includes(note) === true ? preset.family : profile.name} ${note}`,
        remedy: '',
      }),
    ),
  ];
}

async function checkQuestion({ ask, of, probes, check }: Trying): Promise<Finding[]> {
  const { policy, servers } = check;
  const probed = await ask(probes.question);
  if (!isChecked(probed)) {
    // Of a plain question nothing but its settings can be refused.
    const refused = probed.kind === 'fault' && probed.reason === 'requestRefused';
    return [unanswered(refused ? 'sampling' : 'answers', of, probed)];
  }
  const { empty, reasoned, finish } = probed;
  const sampling: Finding = {
    check: 'sampling',
    of,
    outcome: 'ok',
    what: 'sampling settings are taken',
    remedy: '',
  };
  const { maxReasoningTokens } = policy.sampling;
  const room = answerRoom(servers.replicas[0] ?? {}, policy.sampling);
  const more = policy.sampling.maxTokens + maxReasoningTokens > room;
  if (!empty) {
    const what = reasoned ? 'answers, and reasons before; reasoning is never judged' : 'answers';
    return [sampling, { check: 'answers', of, outcome: 'ok', what, remedy: '' }];
  }
  if (reasoned && finish === 'length' && more) {
    const what = `reasons for longer than ${room} tokens: such trials are asked again with ${maxReasoningTokens} more`;
    return [sampling, { check: 'answers', of, outcome: 'note', what, remedy: '' }];
  }
  const what = reasoned
    ? `nothing but reasoning within ${room} tokens`
    : `an empty answer${knownEnds.has(finish) ? ` (finish_reason ${finish})` : ''}`;
  const remedy = reasoned
    ? 'raise sampling.maxReasoningTokens, or serve the model with reasoning turned off'
    : 'look at the chat template and the stop settings of the server';
  return [sampling, warn('answers', of, { what, remedy })];
}

/** Another word is the server's own text, which may be anything. */
const knownEnds: ReadonlySet<string> = new Set(['stop', 'length', 'content_filter', 'tool_calls']);

async function checkTurns({ ask, of, probes: { apart, joined } }: Trying): Promise<Finding[]> {
  const [turns, one] = [await ask(apart), await ask(joined)];
  if (!isChecked(turns)) return [unanswered('turns', of, turns)];
  if (!isChecked(one)) return [unanswered('turns', of, one)];
  return [{ check: 'turns', of, ...judgeTurns(measure(apart, turns), measure(joined, one), turnsApart) }];
}

async function checkSystem({ ask, of, probes: { system } }: Trying): Promise<Finding[]> {
  if (system === undefined) return [];
  const short = await ask(system.short);
  if (!isChecked(short)) return [refusedRole(unanswered('roles', of, short), short)];
  const longer = await ask(system.longer);
  if (!isChecked(longer)) return [unanswered('roles', of, longer)];
  const judged = judgeSystem(measure(system.short, short), measure(system.longer, longer));
  return [{ check: 'roles', of, ...judged }];
}

function refusedRole(finding: Finding, probed: Unchecked): Finding {
  const refused = probed.kind === 'fault' && probed.reason === 'requestRefused';
  return refused ? { ...finding, remedy: systemRemedy } : finding;
}

async function checkLongest({ ask, of, probes, check }: Trying): Promise<Finding[]> {
  const { question, half, longest } = probes;
  const { servers, policy, longestPrompt, around } = check;
  const short = await ask(question);
  if (!isChecked(short)) return [unanswered('whole', of, short)];
  const between = half && (await ask(half));
  if (between !== undefined && !isChecked(between)) return [unanswered('whole', of, between)];
  const whole = await ask(longest);
  if (!isChecked(whole)) return [unanswered('context', of, whole)];
  const { tokenizer } = servers;
  const counted = await tokenizer?.count(longest.messages, around.signal);
  const exact = tokenizer?.exact === true ? counted?.tokens : undefined;
  const measured = measure(longest, whole);
  const halfway = half && between && measure(half, between);
  const judged = judgeWhole(measure(question, short), halfway, measured, exact);
  const alike = exact === undefined ? undefined : judgeTokenizer(exact, measured.tokens);
  const longestAnswer = answerRoom(servers.replicas[0] ?? {}, policy.sampling);
  const told = Math.max(measured.tokens ?? 0, longestPrompt.exact ? longestPrompt.tokens : 0);
  return [
    { check: 'whole', of, ...judged },
    {
      check: 'context',
      of,
      ...judgeContext({
        longest: told === 0 ? longestPrompt.tokens : told,
        exact: told > 0,
        answer: longestAnswer,
        contextLength: servers.served.contextLength,
      }),
    },
    ...(alike === undefined ? [] : [{ check: 'tokenizer' as const, of, ...alike }]),
  ];
}

type Unchecked = Exclude<Probed, { t: 'checked' }>;

function isChecked(probed: Probed): probed is Exclude<Probed, Unchecked> {
  return 't' in probed;
}

/** Why a probe has no answer, as a finding. */
function unanswered(check: Readiness, of: string, probed: Unchecked): Finding {
  if (probed.kind === 'noRoom') {
    return warn(check, of, {
      what: 'not tried: the budget leaves no room beside the plan',
      remedy: 'leave room for about ten requests and twice the longest prompt above what the plan needs',
    });
  }
  if (probed.reason === 'contextTooLong') {
    const what = 'the server refuses the prompt as too long';
    const remedy = 'serve the model with a longer context, or plan fewer demonstrations';
    return { check: 'context', of, outcome: 'fail', what, remedy };
  }
  // A request that failed, or whose answer cannot be read, says nothing of what was looked at.
  const failed = probed.reason !== 'requestRefused';
  return {
    check: failed ? 'answers' : check,
    of,
    outcome: 'fail',
    what: `${probed.detail}${probed.retryable ? ', after all retries' : ''}`,
    remedy:
      probed.code === 'webPage'
        ? 'see that the address is the server’s own, and that no proxy or login page answers in its place'
        : 'look at the server’s own log: the request was valid by the protocol',
  };
}

/** A finding that does not stop a run. */
export function warn(check: Readiness, of: string, words: Pick<Finding, 'what' | 'remedy'>): Finding {
  return { check, of, outcome: 'warn', ...words };
}
