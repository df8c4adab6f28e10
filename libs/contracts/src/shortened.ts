/**
 * The text as one that `isText`, and of at most `max` UTF-16 code units: what cannot be kept
 * becomes U+FFFD, and no character is cut in two.
 */
export function shortened(text: string, max: number): string {
  const cut = text.toWellFormed().replaceAll('\0', '\uFFFD').slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
