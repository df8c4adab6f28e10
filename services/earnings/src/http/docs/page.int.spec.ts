import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { API_CONTROLLERS } from '../application.js';
import { startApiWorld } from '../../testing/api-world.js';
import { openApiOf } from '../openapi.js';
import { routesOf } from '../routes.js';
import { PROBLEMS, type ProblemCode } from './problems.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;
const document = openApiOf(API_CONTROLLERS);
const routes = routesOf(API_CONTROLLERS);

interface Content {
  schema: object;
  example: unknown;
}
interface Operation {
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content: Record<string, Content> }>;
}
const operationOf = (method: string, path: string) =>
  document.paths[path.replace(/:(\w+)/g, '{$1}')]![method] as Operation;

describe('the examples of the API', () => {
  it.each(routes.map(({ method, path, spec }) => [method, path, spec] as const))(
    '%s %s: fit what is asked for and answered',
    (method, path, spec) => {
      const { requestBody, responses } = operationOf(method, path);
      const body = requestBody?.content['application/json'];
      expect(body !== undefined).toBe(spec.body !== undefined);
      if (body) expect(spec.body!.safeParse(body.example)).toMatchObject({ success: true });
      const ajv = new Ajv2020({ strict: false });
      addFormats(ajv);
      ajv.addSchema({ $id: 'cliptally', ...document });
      for (const [status, { content }] of Object.entries(responses)) {
        const answer = content['application/json'];
        if (status >= '300' || !answer) continue;
        const validate = ajv.compile(
          JSON.parse(JSON.stringify(answer.schema).replaceAll('"#/', '"cliptally#/')) as object,
        );
        expect([status, validate(answer.example), validate.errors]).toEqual([status, true, null]);
      }
    },
  );

  it('name every problem that the code can answer', () => {
    const source = new URL('../../', import.meta.url);
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (file) => /^(domain|http|payouts|commands)/.test(file) && /(?<!spec)\.ts$/.test(file),
    );
    const text = files.map((file) => readFileSync(new URL(file, source), 'utf8')).join('\n');
    const codes = [
      ...text.matchAll(
        /\b(?:conflict|rule|ruleBroken|Problem|RuleBroken|Refused)\(\s*(?:[^,'"()]+, )?'([a-z]+(?:_[a-z]+)+)'/g,
      ),
    ].map(([, code]) => code!);
    // Not of the routes here: a webhook, and a body of another type than CSV, which is answered as
    // not_json.
    const elsewhere = ['bad_signature', 'wrong_type'];
    expect(codes.length).toBeGreaterThan(30);
    expect(
      [...new Set(codes)].filter((code) => !elsewhere.includes(code) && !(code in PROBLEMS)),
    ).toEqual([]);
    const named = new Set(routes.flatMap(({ spec }) => spec.refusals ?? []));
    const shown = new Set(
      Object.keys(PROBLEMS).filter((code) => JSON.stringify(document.paths).includes(`"${code}"`)),
    );
    expect(
      Object.keys(PROBLEMS).filter((code) => !shown.has(code) && !named.has(code as ProblemCode)),
    ).toEqual(['short_link']);
  });
});

(existsSync(CHROMIUM) ? describe : describe.skip)(
  'the page of the API in Chromium [needs chromium]',
  () => {
    let world: Awaited<ReturnType<typeof startApiWorld>>;
    beforeAll(async () => {
      world = await startApiWorld();
    });
    afterAll(() => world.close());

    it('shows every route with its parameters, body, answers and problems, without a complaint and without asking anybody else', async () => {
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu'],
      });
      try {
        const page = await browser.newPage();
        const complaints: string[] = [];
        const asked: string[] = [];
        page.on('console', (message) => complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('request', (request) => asked.push(request.url()));
        await page.goto(`${world.service.url}/docs`);
        expect(complaints).toEqual([]);
        expect(asked.filter((url) => !url.startsWith(world.service.url))).toEqual([]);
        expect(await page.locator('article').count()).toBe(routes.length);
        const links = await page
          .locator('nav li a')
          .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
        expect(new Set(links).size).toBe(routes.length);
        for (const link of links) expect(await page.locator(link!).count()).toBe(1);
        // The style is there, though nothing may come from elsewhere: the routes stand beside the
        // text.
        expect(
          await page.evaluate(`getComputedStyle(document.querySelector('nav')).position`),
        ).toBe('sticky');
        await page.locator('nav a[href="#submitClip"]').click();
        const submit = page.locator('#submitClip');
        expect(await submit.innerText()).toMatch(
          /Idempotency-Key[\s\S]+campaignId[\s\S]+creatorId[\s\S]+201/,
        );
        await submit.getByText(/^Problems \(\d+\)$/).click();
        await submit.getByText('clip_already_submitted').first().click();
        expect(await submit.innerText()).toContain(
          '"type": "urn:cliptally:problem:clip_already_submitted"',
        );
      } finally {
        await browser.close();
      }
    });
  },
);
