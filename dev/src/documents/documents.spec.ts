import { describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { runCli } from '@cliptally/cli';
import { faultyCommands, type CliCheck } from './commands.js';
import { faultyLinks, type Fault } from './links.js';
import { readMarkdown } from './markdown.js';
import { faultyPaths } from './paths.js';
import { Tree } from './tree.js';

const tree = new Tree(fileURLToPath(new URL('../../../', import.meta.url)));
const documents = [...tree.files].filter((file) => file.endsWith('.md')).toSorted();

/** Asks the command line itself: a command that it has explains itself. */
const cli: CliCheck = async (words) => {
  const end = words.findIndex((word) => /^[<.A-Z0-9-]/.test(word));
  const plain = end < 0 ? [...words] : words.slice(0, end);
  let said = '';
  const hear = (part: string) => void (said += part);
  const status = await runCli([...plain, '--help'], {
    env: {},
    out: hear,
    err: hear,
    live: false,
    signal: AbortSignal.timeout(60_000),
  });
  return status === 0 && said.includes(`Usage: npm run cliptally -- ${plain.join(' ')}`)
    ? null
    : `the command line has no "${plain.join(' ')}"`;
};

const shown = (faults: readonly Fault[]) =>
  faults.map(({ file, line, what }) => `${file}:${line}: ${what}`);
async function faultsOf(file: string, text = tree.read(file)): Promise<string[]> {
  const document = readMarkdown(text);
  return shown([
    ...faultyLinks(tree, file, document),
    ...faultyPaths(tree, file, document),
    ...(await faultyCommands(tree, file, document, cli)),
  ]);
}

describe('in the documents', () => {
  it('is something to check', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/operations.md']),
    );
    const all = documents.map((file) => readMarkdown(tree.read(file)));
    expect(all.flatMap(({ links }) => links).length).toBeGreaterThan(80);
    expect(all.flatMap(({ spans }) => spans).length).toBeGreaterThan(500);
  });

  it.each(documents)('%s: links, commands and paths are good', async (file) => {
    expect(await faultsOf(file)).toEqual([]);
  });
});

describe('the check of documents', () => {
  const headings = '# Top\n\n## A `b` c: d\n\n## Twice\n\n## Twice\n\n<a id="place"></a>\n\n';

  it.each([
    ['[x](docs/no.md)', 'docs/no.md does not exist'],
    ['[x]: docs/no.md', 'docs/no.md does not exist'],
    ['<img src="no.png">', 'no.png does not exist'],
    ['![x](no.png "title")', 'no.png does not exist'],
    ['[`x`](../out.md)', 'leads out of the repository'],
    ['[x](docs/money.md#nowhere)', 'docs/money.md has no heading "nowhere"'],
    ['[x](#twice-2)', 'README.md has no heading "twice-2"'],
    ['[x](package.json#L9999)', 'package.json has no place "L9999"'],
    ['`npm run tset`', 'there is no script "tset"'],
    ['`npm tset`', 'there is no script "tset"'],
    ['`npm lint`', 'npm has no command "lint": npm run lint'],
    ['`npm run events tail`', 'words for the script stand after "--"'],
    ['`npm run events -- tial`', 'tools/ops/src/archive.ts knows no "tial"'],
    ['`npm run rebuild -- payouts`', 'tools/ops/src/projections.ts knows no "payouts"'],
    ['`npm start -- --twice`', 'there is no option --twice'],
    ['`npm run lint:commits -- main`', '"main" is no range'],
    ['`npm run bench -- nothing`', 'there is no bench "nothing"'],
    ['`npm run bench -- log --shrink`', 'there is no option --shrink'],
    ['`npm run cliptally -- clip fly`', 'the command line has no "clip fly"'],
    ['`npm test -- no/such/test`', 'no test matches "no/such/test"'],
    ['```sh\nX=1 npm run build && npm run biuld # why\n```', 'there is no script "biuld"'],
    ['`libs/nothing`', 'path libs/nothing does not exist'],
    ['`node services/relay/dist/nothing.js`', 'path services/relay/dist/nothing.js does not exist'],
    ['`services/<name>/src/nothing.ts`', 'path services/<name>/src/nothing.ts does not exist'],
    ['`no-such-file.ts`', 'path no-such-file.ts does not exist'],
    ['```\nnode dev/nothing.mjs\n```', 'path dev/nothing.mjs does not exist'],
  ])('finds %s', async (text, fault) => {
    const line = headings.split('\n').length + (text.startsWith('```') ? 1 : 0);
    const found = await faultsOf('README.md', headings + text);
    expect(found).toEqual([expect.stringMatching(new RegExp(`^README\\.md:${line}: .*`))]);
    expect(found[0]).toContain(fault);
  });

  it.each([
    '[x](docs/money.md), [y](https://example.com/no), [z](mailto:a@example.com)',
    '[x](#a-b-c-d), [y](#twice-1), [z](#place), [w](package.json#L2)',
    '`[x](no.md)` and ```` `[y](no.md)` ````',
    '```md\n[x](no.md)\n```',
    '`npm test`, `npm ci`, `npm start -- --once --json`, `npm run bench -- <name>`, `npm run events -- stream campaign-<id>`',
    '`npm run cliptally -- clip show <id>`, `npm test -- earnings/src/domain`, `npm run simulate -- --seed 7`',
    '`node services/relay/dist/main.js`, `services/*/src/domain`, `libs/`, `settlement.ts`, `.cliptally/log.jsonl`',
    '`/campaigns/<id>`, `a/b`, `npm`, `<Type>.v<N>.schema.json`',
  ])('has nothing against %s', async (text) => {
    expect(await faultsOf('README.md', headings + text)).toEqual([]);
  });
});
