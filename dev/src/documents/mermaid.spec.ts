import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { Tree } from './tree.js';

/**
 * `mermaid.min.js` of the npm package. It is no dependency: with what it needs it has 154 MB, and
 * its flow charts need a browser.
 */
const MERMAID = process.env['MERMAID'] ?? '';
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const present = existsSync(MERMAID) && existsSync(CHROMIUM);

interface Mermaid {
  initialize(settings: { startOnLoad: boolean }): void;
  render(id: string, text: string): Promise<{ svg: string }>;
}

const tree = new Tree(fileURLToPath(new URL('../../../', import.meta.url)));
const diagrams = [...tree.files]
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) =>
    Array.from(tree.read(file).matchAll(/^```mermaid\n([^]*?)^```$/gm), ([, text], i) => ({
      name: `${file}, diagram ${i + 1}`,
      text: text!,
    })),
  );

(present ? describe : describe.skip)('diagrams, drawn by Mermaid itself [needs mermaid]', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.addScriptTag({ path: MERMAID });
  });
  afterAll(() => browser.close());

  const draw = (text: string) =>
    page.evaluate(async (source) => {
      const { mermaid } = globalThis as unknown as { mermaid: Mermaid };
      mermaid.initialize({ startOnLoad: false });
      return mermaid.render('diagram', source).then(
        ({ svg }) => svg.length,
        (error: Error) => error.message,
      );
    }, text);

  it('is something to draw', () => {
    expect(diagrams.length).toBeGreaterThan(4);
  });

  it.each(diagrams)('$name', async ({ text }) => {
    expect(await draw(text)).toBeGreaterThan(1_000);
  });

  it.each([
    ['flowchart LR\n  a["one" --> b', 'Parse error'],
    ['sequenceDiagram\n  A->>B: one; two', 'Parse error'],
  ])('names the fault of %j', async (text, fault) => {
    expect(await draw(text)).toContain(fault);
  });
});
