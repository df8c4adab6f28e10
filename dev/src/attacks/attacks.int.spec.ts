import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ATTACKERS, lineOf, tryAll } from './attack.js';
import { ATTACKS } from './index.js';
import { PROMISES } from './promises.js';
import { plainServers } from './servers.js';
import { startTarget, type Target } from './target.js';

const SECURITY = readFileSync(new URL('../../../SECURITY.md', import.meta.url), 'utf8');

describe('what SECURITY.md promises', () => {
  it.each(Object.entries(PROMISES))('has "%s" as it is tried, and by whom', (promise, sentence) => {
    const attackers = ATTACKS.filter((attack) => attack.promise === promise).map(({ who }) => who);
    expect(attackers).not.toEqual([]);
    const who = [...new Set(attackers)].map((one) => ATTACKERS[one]).join(', ');
    expect(SECURITY).toContain(`| \`${promise}\` | ${sentence} | ${who} |`);
  });

  it('names every attacker, and each tries something', () => {
    for (const [who, words] of Object.entries(ATTACKERS)) {
      expect(SECURITY).toContain(`**${words}**`);
      expect(ATTACKS.some((attack) => attack.who === who)).toBe(true);
    }
  });

  it('names what is open, as the attacks do', () => {
    for (const { open } of ATTACKS) if (open) expect(SECURITY).toContain(`- ${open}`);
  });
});

describe('attacks that need no servers of their own', () => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget(await plainServers());
  });
  afterAll(() => target.close());

  it.each(ATTACKS.filter(({ whole }) => !whole).map((attack) => [attack.name, attack] as const))('%s', async (_, attack) => {
    const [tried] = await tryAll([attack], target);
    expect({ line: lineOf(tried!), broken: tried!.outcome === 'broken' }).toMatchObject({ broken: false });
  }); // prettier-ignore
});
