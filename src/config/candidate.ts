import { z } from 'zod';
import { parseStrict } from './parse-strict.ts';
import { parseYaml } from './parse-yaml.ts';
import { readNamedFile } from './read-named-file.ts';

/** `org/name` is a name; what starts at a root or a home, or goes up, is a path. */
const leavesFolder = /^([/~\\]|[A-Za-z]:[\\/])|(^|[\\/])\.\.([\\/]|$)/;
/** Letters and marks without any ink: two names that look the same to a reviewer. */
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800]/u;
/** What a name may look like, such as `llama3:8b`, and what has a scheme. */
const address = /:\/\/|^\s*(https?|wss?|ftp|ssh|git|file|data|javascript|mailto):/i;
/** Prefixes of keys in common use; the file is public before anybody reviews it. */
const keyPattern =
  /(^|[^A-Za-z0-9])(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|hf_[A-Za-z0-9]{16,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|glpat-[\w-]{16,}|[sr]k_(live|test)_\w{16,}|xox[a-z]-[\w-]{10,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|-----BEGIN |Bearer .+)/;

/** Whether a text holds a key of one of the usual forms: it must not be shown, nor stand in a public file. */
export function looksLikeKey(text: string): boolean {
  return keyPattern.test(text);
}

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    // A head ref writes this file: no URL, no key, no control character gets through it.
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'no control characters')
    .refine((value) => !invisible.test(value), 'characters that can be seen')
    .refine((value) => value.trim() !== '', 'a text that is not blank')
    .refine((value) => !address.test(value), 'a name, not a URL')
    .refine(
      (value) => !leavesFolder.test(value),
      'a name, not a path: serve it under one (--served-model-name, --alias)',
    )
    .refine((value) => !looksLikeKey(value), 'a name, not a key');

const candidateSchema = z
  .strictObject({
    model: text(200).describe('The served name.'),
    family: text(120).optional(),
    checkpoint: text(200).optional(),
    digest: z
      .string()
      .regex(/^(sha256:)?[0-9a-f]{64}$/, 'sha256:<64 hexadecimal digits>')
      .optional()
      .describe('Of the weights, as the release states it.'),
    trainingStage: text(40).optional().describe('base, sft, dpo, rl, instruct, or another word.'),
    parent: text(200).optional().describe('Checkpoint that this one was trained from.'),
  })
  .describe('mixgate candidate, the file that a release pull request changes');

/** What the receipt says of the candidate; what was not stated is null. */
export interface CandidateRecord {
  readonly model: string;
  readonly family: string | null;
  readonly checkpoint: string | null;
  readonly digest: string | null;
  readonly trainingStage: string | null;
  readonly parent: string | null;
}

/** @throws ConfigError FILE_UNREADABLE, YAML_SYNTAX or CANDIDATE_INVALID */
export function readCandidate(path: string): CandidateRecord {
  return parseCandidate(
    readNamedFile(path, { what: 'a candidate file', named: '--candidate' }).toString('utf8'),
    path,
  );
}

/** @throws ConfigError YAML_SYNTAX or CANDIDATE_INVALID with file, line and key */
export function parseCandidate(source: string, file: string): CandidateRecord {
  const parsed = parseStrict(candidateSchema, parseYaml(source, file), { code: 'CANDIDATE_INVALID' });
  const { model, family, checkpoint, digest, trainingStage, parent } = parsed;
  return {
    ...undeclaredCandidate(model),
    family: family ?? null,
    checkpoint: checkpoint ?? null,
    digest: digest ?? null,
    trainingStage: trainingStage ?? null,
    parent: parent ?? null,
  };
}

/** A run that was given a served name and no candidate file. */
export function undeclaredCandidate(model: string): CandidateRecord {
  return { model, family: null, checkpoint: null, digest: null, trainingStage: null, parent: null };
}
