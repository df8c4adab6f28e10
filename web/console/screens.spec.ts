import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@cliptally/contracts/api';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FORMS, MOST_BYTES, PICTURES, pictureOf, shrink } from './testing/pictures.js';
import { SCREENS } from './testing/screens.js';

const FOLDER = fileURLToPath(new URL('../../docs/console/', import.meta.url));
/** A screen of sample worlds alone, with a test and pictures of its own. */
const OF_SAMPLE_WORLDS = '/chaos';

/** Read as text: the screens that the lists import are for a browser. */
const routesIn = (folder: string): string[] => {
  const text = readFileSync(new URL(`${folder}/index.ts`, import.meta.url), 'utf8');
  const all = [...text.matchAll(/\bpath: '([^']+)'/g)].map(([, path]) => path!);
  return all.filter((path) => path !== OF_SAMPLE_WORLDS);
};
// PICTURES is the folder in which the tests of the screens have left theirs (SCREENSHOTS).
const made = process.env['PICTURES'];
beforeAll(async () => {
  const missing = made ? await shrink(made, FOLDER) : [];
  if (missing.length > 0) throw new Error(`These pictures are missing: ${missing.join(', ')}.`);
}, 600_000);

/** Which routes a path of {@link SCREENS} shows; one whose ids come from the world, by its kind. */
const OF_THE_WORLD: Record<string, string> = {
  why: '/why/:of/:id/:line',
  webhook: '/webhooks/:id',
};

function routeOf(routes: readonly string[], name: string, path: unknown): string | undefined {
  if (typeof path !== 'string') return OF_THE_WORLD[name];
  const parts = path.split('?')[0]!.split('/');
  // The router takes the first that fits, as this does.
  return routes.find((route) => {
    const own = route.split('/');
    const fits = (part: string, n: number) => part.startsWith(':') || part === parts[n];
    return own.length === parts.length && own.every(fits);
  });
}

describe.each(Object.keys(SCREENS) as Role[])('the pictures of a %s', (role) => {
  const routes = [...routesIn(role), ...routesIn('why')];

  it('are of every route of the console', () => {
    const shown = new Set<string | undefined>(
      Object.entries(SCREENS[role]).map(([name, path]) => routeOf(routes, name, path)),
    );
    expect(routes.length).toBeGreaterThan(8);
    expect(shown).toEqual(new Set(routes));
  });

  it.each(PICTURES[role])('are four of "%s", and small', (name) => {
    for (const form of FORMS) {
      const picture = pictureOf(role, name, form);
      const { size } = statSync(FOLDER + picture);
      expect([picture, size < MOST_BYTES]).toEqual([picture, true]);
    }
  });
});

it('has no other picture', () => {
  const all = Object.entries(PICTURES).flatMap(([role, names]) =>
    names.flatMap((name) => FORMS.map((form) => pictureOf(role, name, form))),
  );
  expect(readdirSync(FOLDER).toSorted()).toEqual(all.toSorted());
});
