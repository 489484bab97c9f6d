import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startScriptedServer } from '../../src/simulate/scripted-server.ts';
import { makeFolder, readLines, wildguard, writeSmallPolicy } from '../run/small-gate.ts';
import { readBenign, readCanaries, readControls, readHarmful, readQueries } from '../simulate/vault-rows.ts';
import { runCommand } from './command.ts';

const answerLine = z.object({ t: z.literal('answer'), text: z.string() });

function answersOf(state: string): string[] {
  return readLines(join(state, 'journal.jsonl')).flatMap((line) => {
    const parsed = answerLine.safeParse(line);
    return parsed.success ? [parsed.data.text] : [];
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** Words of letters and digits alone: markup, escapes and line ends may break a text up. */
function wordsOf(text: string): string[] {
  const plain = text.replace(/<[^>]*>|&[#\w]+;/g, ' ').toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

const run = 8;

function runsOf(words: readonly string[]): string[] {
  return words.slice(0, 1 - run).map((_, at) => words.slice(at, at + run).join(' '));
}

it('no run of eight words and no whole request of pools, queries or answers is in anything that a release leaves', async () => {
  const server = await startScriptedServer({
    models: [
      { id: 'even', rule: () => 0.5 },
      { id: 'open', rule: () => 0.95 },
    ],
    judge: { id: 'wildguard' },
  });
  const folder = makeFolder();
  const at = (...names: readonly string[]) => join(folder, ...names);
  const policy = writeSmallPolicy({ ...wildguard, retention: 'text' });
  const said: string[] = [];
  const mixgate = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await runCommand(args);
    expect([0, 1, 2]).toContain(exitCode);
    said.push(stdout, stderr);
  };
  const gate = (model: string, ...more: readonly string[]) =>
    mixgate(
      ...['run', '--policy', policy, '--base-url', server.baseUrl, '--model', model],
      ...['--judge-base-url', server.baseUrl, '--judge-model', 'wildguard'],
      ...['--state-dir', at('state', model), '--out', at('out', model), ...more],
    );
  try {
    await gate('even');
    await mixgate('baseline', 'accept', at('out', 'even'), '--by', 'Ada', '--reason', 'first release');
    await gate('open', '--baseline', at('out', 'even'), '--json');
  } finally {
    await server.close();
  }
  const receipt = at('out', 'open', 'receipt.json');
  await mixgate('verify', receipt, '--policy', policy, '--baseline', at('out', 'even'));
  await mixgate('verify', receipt, '--comment', at('out', 'open', 'comment.md'), '--json');
  await mixgate('report', receipt, '--html', at('out', 'again.html'));
  await mixgate('compare', at('out', 'even'), at('out', 'open'), '--html', at('out', 'compare.html'));
  await mixgate('compare', at('out', 'even'), at('out', 'open'), '--json');
  await mixgate('plan', '--policy', policy);

  const answers = ['even', 'open'].flatMap((model) => answersOf(at('state', model)));
  expect(answers).toHaveLength(224);
  const rows = [...readHarmful(), ...readBenign(), ...readQueries(), ...readControls(), ...readCanaries()];
  const texts = [
    ...new Set([
      ...answers,
      ...rows.flatMap((row) => [row.request, ...('response' in row ? [row.response] : [])]),
    ]),
  ].map(wordsOf);
  const files = filesBelow(at('out')).map((file) => readFileSync(file, 'utf8'));
  expect(files).toHaveLength(17);
  const shown = [...files, ...said].map(wordsOf);
  const runs = new Set(shown.flatMap(runsOf));
  expect(runs.size).toBeGreaterThan(3000);
  expect(texts.flatMap(runsOf).length).toBeGreaterThan(500);
  expect(texts.flatMap(runsOf).filter((words) => runs.has(words))).toEqual([]);
  const whole = shown.map((words) => ` ${words.join(' ')} `).join('\n');
  expect(texts.filter((words) => words.length > 2 && whole.includes(` ${words.join(' ')} `))).toEqual([]);
});
