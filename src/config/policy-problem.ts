/** What a schema cannot say is wrong with a policy; the path leads to the value, or to where it is missing. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
  readonly got: unknown;
  readonly remedy: string;
}
