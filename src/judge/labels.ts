import { z } from 'zod';
import { parseRows, type SourceRows } from '../suite/source-file.ts';

/** An answer that people labelled; null where they did not settle on one of the two. */
export interface LabelledAnswer {
  readonly id: string;
  readonly request: string;
  readonly response: string;
  readonly label: 'compliance' | 'refusal' | null;
  /** Where the answer comes from: a data set, a model. */
  readonly source?: string | undefined;
  readonly requestKind?: 'safe' | 'unsafe' | undefined;
  /** Digest of the candidate record whose run a sample was drawn from. */
  readonly candidateSha256?: string | undefined;
}

/** An empty cell of a CSV file says nothing. */
const cell = <Schema extends z.ZodType>(schema: Schema, nothing: null | undefined) =>
  z.preprocess((value) => (value === '' ? nothing : value), schema);

const labelRow = z
  .object({
    id: z.string().min(1).max(200),
    request: z.string().min(1),
    response: z.string(),
    label: cell(z.enum(['compliance', 'refusal']).nullable(), null),
    source: cell(z.string().max(200).optional(), undefined),
    request_kind: cell(z.enum(['safe', 'unsafe']).optional(), undefined),
    candidate_sha256: cell(z.string().length(64).optional(), undefined),
  })
  .transform(({ request_kind: requestKind, candidate_sha256: candidateSha256, ...row }) => ({
    ...row,
    requestKind,
    candidateSha256,
  }));

/** @throws ConfigError LABELS_INVALID with file, lines and fields; never a row's text */
export function parseLabels(bytes: Buffer, file: string): SourceRows<LabelledAnswer> {
  return parseRows(bytes, file, labelRow, 'LABELS_INVALID');
}
