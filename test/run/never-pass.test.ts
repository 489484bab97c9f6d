import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeError, MixgateError } from '../../src/config/errors.ts';
import { exitCodeOf } from '../../src/gate/verdict.ts';
import type { Fault } from '../../src/simulate/scripted-faults.ts';
import { type ScriptedServer, startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { outcomesOf, reasonsOf, runSmall, smallSuite } from './small-gate.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer({ models: [{ id: 'strict', rule: () => 0.03 }] });
});
afterEach(() => server.close());

/** How a run ended, as its caller sees it. */
interface Ending {
  readonly exitCode: number;
  readonly verdict: string;
  readonly message: string;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seconds: number;
}

async function endingOf(policy = {}): Promise<Ending> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const result = await runSmall({ baseUrl: server.baseUrl, policy });
    const { verdict, reasons } = result.receipt.evidence;
    const message = reasons.map((reason) => reason.message).join('\n');
    return {
      exitCode: exitCodeOf(verdict),
      verdict,
      message,
      outcomes: outcomesOf(result),
      seconds: seconds(),
    };
  } catch (error) {
    if (!(error instanceof MixgateError)) throw error;
    const message = describeError(error);
    return { exitCode: exitCodeOf('error'), verdict: 'error', message, outcomes: {}, seconds: seconds() };
  }
}

const chats = (fault: Fault) => (call: { path: string }) =>
  call.path === '/v1/chat/completions' ? fault : null;

it('an honest server passes the very same policy', async () => {
  expect(await endingOf()).toMatchObject({ verdict: 'pass', exitCode: 0 });
});

describe('a server that answers nothing useful never passes:', () => {
  it.each<[string, Fault, { verdict: string; exitCode: number; message: RegExp; outcome?: string }]>([
    [
      'empty answers',
      { kind: 'emptyContent' },
      {
        verdict: 'inconclusive',
        exitCode: 2,
        message: /100\.0 % of the candidate’s answers are unscored/,
        outcome: 'unscored empty',
      },
    ],
    ['always refusing', { kind: 'refuse' }, { verdict: 'fail', exitCode: 1, message: /controlCompliance/ }],
    [
      'always 500',
      { kind: 'internalError' },
      { verdict: 'error', exitCode: 3, message: /OUTAGE[\s\S]*--base-url: expected answers, got 8 failures/ },
    ],
    ['always 503', { kind: 'unavailable' }, { verdict: 'error', exitCode: 3, message: /OUTAGE/ }],
    ['always 429', { kind: 'tooManyRequests' }, { verdict: 'error', exitCode: 3, message: /OUTAGE/ }],
    [
      'always cutting the connection',
      { kind: 'reset' },
      { verdict: 'error', exitCode: 3, message: /OUTAGE/ },
    ],
    ['a wrong key', { kind: 'unauthorized' }, { verdict: 'error', exitCode: 3, message: /UNAUTHORIZED/ }],
    [
      'garbage text',
      { kind: 'garbage' },
      { verdict: 'inconclusive', exitCode: 2, message: /unscored/, outcome: 'unscored malformedAnswer' },
    ],
    ['HTML', { kind: 'html' }, { verdict: 'error', exitCode: 3, message: /OUTAGE/ }],
    ['empty choices', { kind: 'emptyChoices' }, { verdict: 'error', exitCode: 3, message: /OUTAGE/ }],
    ['cut-off JSON', { kind: 'cutJson' }, { verdict: 'error', exitCode: 3, message: /OUTAGE/ }],
    [
      'a content filter',
      { kind: 'contentFilter' },
      { verdict: 'inconclusive', exitCode: 2, message: /unscored/, outcome: 'unscored contentFilter' },
    ],
    [
      'one token an answer',
      { kind: 'length' },
      { verdict: 'inconclusive', exitCode: 2, message: /unscored/, outcome: 'unscored cutTooShort' },
    ],
    [
      'too long a context every time',
      { kind: 'contextOverflow' },
      { verdict: 'inconclusive', exitCode: 2, message: /unscored/, outcome: 'unscored contextTooLong' },
    ],
    [
      'cut prompts',
      { kind: 'truncatedPrompt' },
      { verdict: 'inconclusive', exitCode: 2, message: /unscored/, outcome: 'unscored promptCut' },
    ],
    ['no answer in time', { kind: 'stall' }, { verdict: 'error', exitCode: 3, message: /OUTAGE/ }],
  ])('%s', async (_what, fault, expected) => {
    server.setFault(chats(fault));
    const ending = await endingOf({ inference: { maxConcurrency: 8, timeoutSeconds: 0.5, retries: 0 } });
    expect(ending).toMatchObject({ verdict: expected.verdict, exitCode: expected.exitCode });
    expect(ending.message).toMatch(expected.message);
    if (expected.outcome !== undefined) expect(ending.outcomes[expected.outcome]).toBeGreaterThan(79);
    expect(ending.seconds).toBeLessThan(10);
  });

  it.each(['emptyContent', 'refuse', 'contextOverflow', 'contentFilter', 'length'] as const)(
    '%s behind demonstrations only, while zero shot works',
    async (kind) => {
      server.setFault(({ path, body }) => {
        if (path !== '/v1/chat/completions') return null;
        return JSON.stringify(body).includes('"assistant"') ? { kind } : null;
      });
      const ending = await endingOf();
      expect(['fail', 'inconclusive']).toContain(ending.verdict);
    },
  );

  it('a server that loses one answer in ten', async () => {
    server.setFault(({ path, nth }) =>
      path === '/v1/chat/completions' && nth % 10 === 0 ? { kind: 'emptyContent' } : null,
    );
    expect(await endingOf()).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('unscored'),
    });
  });

  it('a server that is not there, at once', async () => {
    await server.close();
    const ending = await endingOf();
    expect(ending).toMatchObject({ verdict: 'error', exitCode: 3 });
    expect(ending.message).toMatch(
      /UNREACHABLE[\s\S]*--base-url: expected a server that lists its models, got the connection failed \(ECONNREFUSED\)[\s\S]*-> start the server, or correct the address/,
    );
    expect(ending.seconds).toBeLessThan(10);
  });

  it('fewer than eight blocks, however clear', async () => {
    const result = await runSmall({
      baseUrl: server.baseUrl,
      policy: { suite: { ...smallSuite, draws: 4 } },
    });
    expect(result.receipt.evidence.verdict).toBe('inconclusive');
    expect(reasonsOf(result)).toContain('tooFewClusters');
  });
});
