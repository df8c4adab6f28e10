/** The characters of windows-1252 in the places where it differs from ISO 8859-1. */
const UPPER = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ';

function byteOf(char: string): number {
  const place = UPPER.indexOf(char);
  return place >= 0 ? 0x80 + place : char.codePointAt(0)!;
}

/** UTF-8 that a program took for windows-1252 and saved again: `JosÃ©`. */
function savedTwice(text: string): string | null {
  if (!/[^\0-\x7F]/.test(text)) return null;
  const bytes = Array.from(text, byteOf);
  if (bytes.some((byte) => byte > 0xff)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}

/** Why the characters of a cell are not those that somebody wrote; null if they may be. */
export function lostText(text: string): string | null {
  if (text.includes('\uFFFD'))
    return `${text} has lost a character (\uFFFD): take it from where the file comes from`;
  if (text.includes('\0')) return 'has U+0000 in it';
  const meant = savedTwice(text);
  return meant === null
    ? null
    : `${text} seems to be ${meant}, saved in another encoding: open the file again as UTF-8`;
}
