import { z } from 'zod';

/** A step of a path that means itself in a URL and on a disk: no `..`, no separator, nothing hidden. */
const fileStep = '[A-Za-z0-9_][A-Za-z0-9._+=-]{0,127}';
/** Where a hub has a source's file; where the hub itself is, a policy cannot say. */
export const hub = z
  .strictObject({
    repo: z
      .string()
      .regex(new RegExp(`^${fileStep}/${fileStep}$`), 'owner/name')
      .describe('Name of the repository on the hub, as owner/name.'),
    revision: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'the 40 hexadecimal digits of a commit, since a branch or a tag can move')
      .describe('A commit: a branch or a tag can move.'),
    file: z
      .string()
      .max(512)
      .regex(new RegExp(`^${fileStep}(/${fileStep})*$`), 'the path of a file in the repository')
      .describe('Path of the file in the repository.'),
    type: z.literal('dataset').default('dataset'),
  })
  .describe('A file of a hub, in place of path. A gate needs its sha256 too (mixgate pool fetch prints it).');
/** Who names both would be told of one of them alone. */
export function isOneFile(source: { readonly path?: string | undefined; readonly hub?: unknown }): boolean {
  return (source.path === undefined) !== (source.hub === undefined);
}
export const oneFile = { error: 'either path or hub', path: ['path'] };
/** The same in JSON Schema. */
export const eitherKey = { oneOf: [{ required: ['path'] }, { required: ['hub'] }] };

/** A file of a hub at one commit. */
export type HubFile = z.infer<typeof hub>;
