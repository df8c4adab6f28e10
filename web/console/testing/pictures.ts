import sharp from 'sharp';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SCREENS } from './screens.js';

/** Of a picture in docs/console. */
export const MOST_BYTES = 45_000;

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

/** Pictures that another test makes: its screen needs the sample world. */
export const OTHERS = /^admin-chaos-/;

const WIDTHS = { wide: 800, narrow: 360 } as const;
/** Few colours are enough for a flat design; fewer still if it is large. */
const COLOURS = [32, 16, 8] as const;

/** Makes the pictures of docs/console from those that the tests of the screens have left. */
export async function shrink(from: string, to: string): Promise<string[]> {
  const missing: string[] = [];
  for (const old of readdirSync(to)) if (!OTHERS.test(old)) rmSync(join(to, old));
  for (const [role, names] of Object.entries(SCREENS))
    for (const name of Object.keys(names))
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
