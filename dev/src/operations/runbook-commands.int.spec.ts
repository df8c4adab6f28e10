import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INCIDENTS, type Made } from './testing/incidents.js';
import { commandsOf, pagesWith } from './testing/runbook-pages.js';
import { startRunbookWorld, type RunbookWorld } from './testing/runbook-world.js';

/** What is carried out here; the rest is checked by its words in the spec beside this one. */
const CARRIED_OUT = /^(select |GET |POST |curl |node |npm run (cliptally|events|rebuild) )/;
/** Of others: Apify's own API. */
const OF_OTHERS = new Set(['GET /v2/users/me/limits']);
const pages = pagesWith((command) => CARRIED_OUT.test(command) && !OF_OTHERS.has(command));
/** In this order: a halted projection would hold up the others. */
const ORDER = Object.keys(INCIDENTS);

describe('each command of a runbook, while its incident lasts', () => {
  let world: RunbookWorld;
  beforeAll(async () => {
    world = await startRunbookWorld();
  });
  afterAll(() => world.close());

  it('has its incident here', () => {
    expect(pages.toSorted()).toEqual(ORDER.toSorted());
  });

  describe.each(ORDER)('%s', (page) => {
    let made: Made;
    beforeAll(async () => {
      made = await INCIDENTS[page]!(world);
    });

    const commands = commandsOf(page).filter((one) => CARRIED_OUT.test(one) && !OF_OTHERS.has(one));
    it.each(commands)('%s', async (command) => {
      const words = { ...made.words, ...made.of?.[command] };
      const said = await world.run(
        command.replace(/<[^>]+>/g, (word) => words[word] ?? word),
        made.bodies?.[command],
      );
      expect({ said: said.text, status: said.status }).toEqual({
        said: expect.stringMatching(made.says?.[command] ?? /./),
        status: made.finds?.includes(command) ? 1 : 0,
      });
      // A question about which ones never finds none.
      expect(said.found).not.toBe(0);
    });
  });
});
