import { appendFileSync, statSync } from 'node:fs';
import * as core from '@actions/core';
import { harmless, type Log } from '../config/log.ts';
import { cutBytes } from './cut-bytes.ts';
import { type Env, readSecrets } from './inputs.ts';
import { inWorkspaceWords } from './workspace-words.ts';

/** The outputs that `action.yml` promises; a test holds the two lists to each other. */
export const outputNames = [
  'verdict',
  'receipt-path',
  'receipt-digest',
  'report-path',
  'comment-url',
  'policy-changed',
  'shard-path',
] as const;
export type OutputName = (typeof outputNames)[number];

export interface Annotation {
  readonly title: string;
  /** Relative to the repository, so that GitHub can show the annotation at it. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** All that the Action says to the runner it runs on. */
export interface Runner {
  readonly log: Log;
  error(message: string, annotation: Annotation): void;
  warning(message: string, annotation?: Annotation): void;
  setOutput(name: OutputName, value: string): void;
  writeSummary(markdown: string): void;
  /** Text without keys, for what does not pass through the runner's own masking: comments and summaries. */
  redact(text: string): string;
}

/** The runner drops a summary of more bytes than this altogether. */
const maxSummaryBytes = 1024 * 1024;
/** The runner cuts annotations here. */
const maxAnnotationChars = 4000;
/** A log that is read later needs no line more often than this. */
const progressEveryMs = 15_000;
/** Shorter keys ("none", "EMPTY") are placeholders, and words that a comment may need. */
const minSecretChars = 8;

/**
 * The one way to standard output. Three commands of the runner leave here, `error`, `warning` and `add-mask`, each
 * made by `@actions/core`, which escapes what ends a command; all other text loses the power to be one.
 */
export function buildRunner(env: Env, now: () => Date): Runner {
  const secrets = readSecrets(env);
  for (const secret of secrets) core.setSecret(secret);
  const redact = (text: string) => inWorkspaceWords(redactSecrets(text, secrets));
  const clean = (text: string) =>
    redact(text)
      .split(/\r\n|\r|\n/)
      .map(harmless);
  const annotate = (text: string) => clean(text).join('\n').slice(0, maxAnnotationChars);
  const info = (text: string) => {
    for (const line of clean(text)) core.info(line);
  };
  const properties = ({ title, file, line }: Annotation) => ({
    title: harmless(redact(title)),
    ...(file === undefined ? {} : { file: harmless(file) }),
    ...(line === undefined ? {} : { startLine: line }),
  });
  const warning = (text: string, annotation: Annotation = { title: 'mixgate' }) =>
    core.warning(annotate(text), properties(annotation));
  return {
    log: { info, warn: (text) => warning(text), progress: throttled(info, now) },
    error: (text, annotation) => core.error(annotate(text), properties(annotation)),
    warning,
    setOutput: (name, value) => setOutput(env, name, value),
    writeSummary: (markdown) => writeSummary(env, redact(markdown)),
    redact,
  };
}

function redactSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= minSecretChars)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

function throttled(write: (text: string) => void, now: () => Date): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const time = now().getTime();
    if (time - last < progressEveryMs) return;
    last = time;
    write(text);
  };
}

/** Without the file, `core.setOutput` would fall back to a command on standard output, which anybody can forge. */
function setOutput(env: Env, name: OutputName, value: string): void {
  if (isSet(env.GITHUB_OUTPUT)) core.setOutput(name, value);
}

function writeSummary(env: Env, markdown: string): void {
  const path = env.GITHUB_STEP_SUMMARY;
  if (!isSet(path)) return;
  const used = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  appendFileSync(path, cutBytes(`${markdown.trimEnd()}\n`, maxSummaryBytes - used), 'utf8');
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
