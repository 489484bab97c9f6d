import { z } from 'zod';

/** The `binding` object of the policy: how the candidate's digest is tied to what is served. */
export const bindingPolicy = z.strictObject({
  require: z.boolean().default(false),
  served: z
    .string()
    .min(1)
    .max(200)
    .regex(/\{(digest|digest12|checkpoint)\}/, 'a text with {digest}, {digest12} or {checkpoint} in it')
    .optional()
    .describe('What the served id or root must hold, filled from the candidate file, as in "-{digest12}".'),
  digestEndpoint: z
    .string()
    .max(200)
    .regex(/^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/, 'a path from the server’s root, as in /weights/digest')
    .optional()
    .describe(
      'Path on the candidate’s server that is asked with ?model=NAME, the served name, and answers {"digest": "sha256:...", "model": "NAME"} of the weights loaded under it; without model it counts only where the server lists one model.',
    ),
  files: z
    .string()
    .max(1024)
    .regex(/^\//, 'an absolute path')
    .optional()
    .describe('Folder or file that a server on this machine serves; hashed before and after the run.'),
});
