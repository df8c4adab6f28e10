import { readFileSync, readdirSync } from 'node:fs';
import { RUNBOOKS } from '../programs.js';

/** What stands in backticks on a page, each once, in its order. */
export const commandsOf = (page: string): string[] => [
  ...new Set(
    [...readFileSync(`${RUNBOOKS}${page}.md`, 'utf8').matchAll(/`([^`]+)`/g)].map(
      ([, span]) => span!,
    ),
  ),
];

const PAGES = readdirSync(RUNBOOKS)
  .map((file) => file.replace(/\.md$/, ''))
  .filter((page) => page !== 'README');

export const pagesWith = (wanted: (command: string) => boolean): string[] =>
  PAGES.filter((page) => commandsOf(page).some(wanted));
