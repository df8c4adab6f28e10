import { readFileSync } from 'node:fs';

export interface Block {
  /** File of dev/src/recipes that runs it. */
  file: string;
  language: string;
  text: string;
}

const CONTRIBUTING = readFileSync(new URL('../../../../CONTRIBUTING.md', import.meta.url), 'utf8');

/** The blocks of the recipes, in their order; a comment before each says which test runs it. */
export const blocks: Block[] = [
  ...CONTRIBUTING.matchAll(/<!-- recipe: (\S+) -->\n```(\w+)\n([^]*?)```\n/g),
].map(([, file, language, text]) => ({ file: file!, language: language!, text: text! }));

/** How many fenced blocks the recipes have, marked or not. */
export const fences = CONTRIBUTING.split('\n## Recipes\n')[1]!.match(/^```\w+$/gm)!.length;
