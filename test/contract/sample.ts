import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = new URL('./github-openapi.json', import.meta.url);
const node = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  nullable: z.boolean().optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

const document: unknown = JSON.parse(readFileSync(file, 'utf8'));

/** The smallest value that GitHub's description allows under a schema's name, with some members of our own. */
export function sampleOf(schema: string, own: Readonly<Record<string, unknown>>): unknown {
  return mergeInto(sample({ $ref: `#/components/schemas/${schema}` }), own);
}

function mergeInto(value: unknown, own: Readonly<Record<string, unknown>>): unknown {
  const base = isRecord(value) ? value : {};
  const merged = Object.entries(own).map(([key, mine]) => [
    key,
    isRecord(mine) && isRecord(base[key]) ? mergeInto(base[key], mine) : mine,
  ]);
  return { ...base, ...Object.fromEntries(merged) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sample(raw: unknown): unknown {
  const schema = node.parse(raw);
  if (schema.$ref !== undefined) return sample(resolve(schema.$ref));
  if (schema.nullable === true) return null;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map(sample));
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return sample(first);
  return sampleType(schema);
}

function sampleType(schema: z.infer<typeof node>): unknown {
  switch (schema.type) {
    case 'string':
      if (schema.format === 'uri') return 'https://example.com/x';
      return schema.format === 'date-time' ? '2026-11-20T08:00:00Z' : 'x';
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sample(schema.properties?.[name] ?? {})]),
      );
  }
}

function resolve(ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((here, key) => (isRecord(here) ? here[key] : undefined), document);
}
