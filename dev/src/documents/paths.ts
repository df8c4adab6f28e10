import { posix } from 'node:path';
import type { Fault } from './links.js';
import type { Document, Piece } from './markdown.js';
import type { Tree } from './tree.js';

/** Endings of files that are written here; a name with another one may be anybody's. */
const SOURCE = /\.(?:ts|tsx|mjs|cjs|sql|md|tmpl|css|ya?ml|json|conf)$/;
/** What `npm run build` and `npm start` make. */
const MADE = /(?:^|\/)(?:dist|node_modules|\.cliptally|coverage)(?:\/|$)/;

/** Paths of the repository that code speaks of and that do not exist. */
export function faultyPaths(tree: Tree, file: string, { spans, code }: Document): Fault[] {
  const faults = (piece: Piece, words: string[]) =>
    words
      .filter((path) => !exists(tree, file, path))
      .map((path) => ({ file, line: piece.line, what: `path ${path} does not exist` }));
  return [
    ...spans.flatMap((span) => faults(span, pathsIn(tree, span.text, true))),
    // A block may show another tree: only what begins with a folder of this one is a path.
    ...code.flatMap((line) => faults(line, pathsIn(tree, line.text, false))),
  ];
}

function pathsIn(tree: Tree, text: string, inSpan: boolean): string[] {
  const words = text.split(/[\s"'`(),;=]+/).map((word) => word.replace(/[:.]+$/, ''));
  return words.filter((word) => {
    if (!/^[\w@.<>*{}[\]$/-]+$/.test(word) || word.startsWith('/')) return false;
    const [first, second] = word.split('/');
    if (second !== undefined && tree.folders.has(first!) && first !== '.') return true;
    return (
      inSpan &&
      words.length === 1 &&
      (/^\.\.?\//.test(word) || (SOURCE.test(word) && !word.startsWith('.')))
    );
  });
}

function exists(tree: Tree, file: string, path: string): boolean {
  if (MADE.test(path) && !/\/dist\/.*\.js$/.test(path)) return true;
  // A program is built from the source of its name.
  const source = path.replace(/\/dist\/(.*)\.js$/, '/src/$1.ts').replace(/\/$/, '');
  const beside = posix.join(posix.dirname(file), source);
  if (/[<*{[$]/.test(source)) {
    const [pattern, near] = [source, beside].map((one) => one.replace(/<[^>]*>|\$\w+/g, '*')) as [
      string,
      string,
    ];
    return tree.matches(source.includes('/') ? pattern : `**/${pattern}`) || tree.matches(near);
  }
  if (tree.has(source) || tree.has(beside)) return true;
  // In prose, a file is often named without its folder.
  return (
    !source.startsWith('.') &&
    (source.includes('/')
      ? !tree.folders.has(source.split('/')[0]!) && tree.hasEnd(source)
      : tree.hasName(source))
  );
}
