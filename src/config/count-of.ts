/**
 * A number with what it counts.
 *
 * @param several its plural, where that is not one with an s
 * @example countOf(1, 'request') // '1 request'
 * @example countOf(2, 'canary', 'canaries') // '2 canaries'
 */
export function countOf(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
