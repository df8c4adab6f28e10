import { posix } from 'node:path';
import { readMarkdown, type Document } from './markdown.js';
import type { Tree } from './tree.js';

/** Something that a document says and that is not so. */
export interface Fault {
  file: string;
  line: number;
  what: string;
}

const EXTERNAL = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** Links that lead nowhere. Addresses outside of the repository are not asked for. */
export function faultyLinks(tree: Tree, file: string, { links, anchors }: Document): Fault[] {
  return links.flatMap(({ line, text }) => {
    if (EXTERNAL.test(text)) return [];
    const [path = '', anchor] = decodeURI(text).split('#') as [string?, string?];
    const target =
      path === '' ? file : posix.join(path.startsWith('/') ? '.' : posix.dirname(file), path);
    const fault = (what: string) => [{ file, line, what: `link ${JSON.stringify(text)}: ${what}` }];
    if (target.startsWith('..')) return fault('leads out of the repository');
    if (!tree.has(target)) return fault(`${target} does not exist`);
    if (anchor === undefined) return [];
    if (!target.endsWith('.md'))
      return hasLine(tree, target, anchor) ? [] : fault(`${target} has no place "${anchor}"`);
    const there = path === '' ? anchors : readMarkdown(tree.read(target)).anchors;
    return there.has(anchor) ? [] : fault(`${target} has no heading "${anchor}"`);
  });
}

/** `#L12` and `#L12-L20` of a source. */
function hasLine(tree: Tree, target: string, anchor: string): boolean {
  const lines = /^L(\d+)(?:-L(\d+))?$/.exec(anchor);
  if (!lines || !tree.files.has(target)) return false;
  return Number(lines[2] ?? lines[1]) <= tree.read(target).split('\n').length;
}
