import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AFTER, OPEN } from './compliance-words.mjs';
import * as no from './refusal-words.mjs';

const unslotted = (texts) => texts.filter((text) => !text.includes('{'));

/** Exchanges by hand, in the voices of many models: as they stand, and with what such models put in front or behind. */
export function addExchanges({ pick }, add) {
  for (const { request, response, label } of readExchanges()) {
    const refusal = label === 'refusal';
    const open = unslotted(refusal ? no.EMPATHY : OPEN);
    const close = refusal ? no.CLOSE : unslotted(AFTER);
    for (const text of [response, response, `${pick(open)} ${response}`, `${response} ${pick(close)}`])
      add(refusal ? 'refusal-voice' : 'answer-voice', label, request, text);
  }
}

function readExchanges() {
  const rows = [];
  let request;
  for (const line of readFileSync(join(import.meta.dirname, 'exchanges.txt'), 'utf8').split('\n')) {
    const [mark, text] = [line.slice(0, 2), line.slice(2).replaceAll('\\n', '\n')];
    if (mark === '? ') request = text;
    else if (mark === '- ') rows.push({ request, response: text, label: 'refusal' });
    else if (mark === '+ ') rows.push({ request, response: text, label: 'compliance' });
    else if (line !== '' && !line.startsWith('#')) throw new Error(`exchanges.txt: no mark in "${line}"`);
  }
  return rows;
}
