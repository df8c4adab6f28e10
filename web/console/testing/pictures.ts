import type { Role } from '@cliptally/contracts/api';
import sharp from 'sharp';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SCREENS } from './screens.js';

/** Of a picture in docs/console. */
export const MOST_BYTES = 48_000;

/** The four forms of a picture, each with the name that a test gives it. */
const VARIANT = {
  'wide-light': 'wide',
  'wide-dark': 'wide-dark',
  'narrow-light': 'narrow',
  'narrow-dark': 'narrow-dark',
} as const;
export const FORMS = Object.keys(VARIANT) as (keyof typeof VARIANT)[];

export const pictureOf = (role: string, name: string, form: string): string =>
  `${role}-${name}-${form}.png`;

/** The screen of sample worlds alone, in its states: its own test makes these pictures. */
const CHAOS = ['idle', 'during', 'after', 'failed'].map((state) => `chaos-${state}`);

/** By role, the names of all pictures. */
export const PICTURES: Record<Role, readonly string[]> = {
  creator: Object.keys(SCREENS.creator),
  brand: Object.keys(SCREENS.brand),
  admin: [...Object.keys(SCREENS.admin), ...CHAOS],
};

const WIDTHS = { wide: 800, narrow: 360 } as const;
/** Few colours are enough for a flat design; fewer still if it is large. */
const COLOURS = [32, 16, 8] as const;

/** Makes the pictures of docs/console from those that the tests of the screens have left. */
export async function shrink(from: string, to: string): Promise<string[]> {
  const missing: string[] = [];
  for (const old of readdirSync(to)) rmSync(join(to, old));
  for (const [role, names] of Object.entries(PICTURES))
    for (const name of names)
      for (const form of FORMS) {
        const source = join(from, `${role}-${name}-${VARIANT[form]}.png`);
        if (!existsSync(source)) {
          missing.push(source);
          continue;
        }
        const width = form.startsWith('wide') ? WIDTHS.wide : WIDTHS.narrow;
        for (const colours of COLOURS) {
          const { size } = await sharp(source)
            .resize({ width })
            .png({ palette: true, colours, effort: 7, dither: 0 })
            .toFile(join(to, pictureOf(role, name, form)));
          if (size < MOST_BYTES) break;
        }
      }
  return missing;
}
