/** Characters of a line that is a comment, and lines of a comment. */
export const WIDEST = 100;
export const LONGEST = 3;

/** How a line begins that is a comment, by the ending of the file. */
const LINE = {
  ts: '//',
  tsx: '//',
  mjs: '//',
  cjs: '//',
  sql: '--',
  yml: '#',
  yaml: '#',
  conf: '#',
};
const BLOCKS = new Set(['ts', 'tsx', 'mjs', 'cjs', 'css']);

const endingOf = (path) => path.slice(path.lastIndexOf('.') + 1);
export const isSource = (path) => Object.hasOwn(LINE, endingOf(path)) || BLOCKS.has(endingOf(path));

/**
 * Comments that are too wide or too long. Only lines that are nothing but comment count.
 * @returns {{rule: 'width' | 'length', from: number, to: number, what: string}[]} lines from 1
 */
export function faultsIn(path, text) {
  const lines = text.split('\n');
  return commentsIn(path, lines).flatMap((comment) => [
    ...tooWide(comment, lines),
    ...tooLong(comment, lines),
  ]);
}

function* tooWide({ from, to }, lines) {
  for (let n = from; n <= to; n++) {
    const { length } = lines[n - 1];
    // An address cannot be broken.
    if (length > WIDEST && !/https?:\/\/\S{60,}/.test(lines[n - 1]))
      yield { rule: 'width', from: n, to: n, what: `${length} characters, ${WIDEST} at most` };
  }
}

function* tooLong(comment, lines) {
  const { from, to } = comment;
  const written = lines.slice(from - 1, to).filter((line) => /[\p{L}\p{N}]/u.test(line));
  if (written.length <= LONGEST || isLicence(written) || isOfPublicApi(comment, lines)) return;
  yield { rule: 'length', from, to, what: `${written.length} lines, ${LONGEST} at most` };
}

const isLicence = (written) =>
  written.some((line) => /\b(?:Copyright|SPDX-License-Identifier)\b/.test(line));

/** A docstring of what is exported, or of a part of it. */
function isOfPublicApi({ from, to }, lines) {
  if (!lines[from - 1].trimStart().startsWith('/**')) return false;
  if (/^\s*export\b/.test(lines.slice(to).find((line) => line.trim() !== '') ?? '')) return true;
  if (!/^\s/.test(lines[from - 1])) return false;
  const around = lines.slice(0, from - 1).findLast((line) => /^[\w@]/.test(line)) ?? '';
  return around.startsWith('export');
}

/** Lines that follow one another at one depth are one comment. */
function commentsIn(path, lines) {
  const mark = LINE[endingOf(path)];
  const blocks = BLOCKS.has(endingOf(path));
  const comments = [];
  for (let n = 1; n <= lines.length; n++) {
    const line = lines[n - 1];
    const text = line.trimStart();
    if (blocks && text.startsWith('/*')) {
      const from = n;
      while (n < lines.length && !lines[n - 1].includes('*/')) n++;
      comments.push({ from, to: n });
    } else if (mark && text.startsWith(mark) && !text.startsWith('#!')) {
      const before = comments.at(-1);
      const depth = line.length - text.length;
      if (before?.depth === depth && before.to === n - 1) before.to = n;
      else comments.push({ from: n, to: n, depth });
    }
  }
  return comments;
}
