import { describe, expect, it } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();
const linksOf = (text: string) =>
  [...text.replace(/^```.*?^```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!).filter((to) => !/^[a-z]+:/.test(to));
const idOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Whether a file or folder is there, and the heading in it that the link names. */
function leads(link: string, from: string): boolean {
  const [file = '', anchor] = link.split('#');
  const to = new URL(file, new URL(from, ROOT));
  if (!existsSync(to)) return false;
  return anchor === undefined || [...readFileSync(to, 'utf8').matchAll(/^#+ (.+)$/gm)].some(([, heading]) => idOf(heading!) === anchor);
}

describe('links between documents', () => {
  it.each(pages)('lead somewhere in %s', (page) => {
    expect(linksOf(readFileSync(new URL(page, ROOT), 'utf8')).filter((link) => !leads(link, page))).toEqual([]);
  });

  it('are found at all', () => {
    expect(pages.flatMap((page) => linksOf(readFileSync(new URL(page, ROOT), 'utf8'))).length).toBeGreaterThan(50);
  });
});
