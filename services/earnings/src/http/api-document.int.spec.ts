import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Role } from '@cliptally/contracts/api';
import { startApiWorld, type ApiAnswer } from '../testing/api-world.js';

const DAY_MS = 86_400_000;
const CALLERS: Record<string, [Role, string]> = {
  ADMIN: ['admin', 'root'],
  BRAND: ['brand', 'acme'],
  CREATOR: ['creator', 'ann'],
};
const CURL =
  /^curl "\$API([^"]+)" -H "Authorization: Bearer \$(\w+)"(?: -H "Idempotency-Key: (\S+)")?(?: --json '([^']+)')?$/;

const text = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8');
/** What the document does, in its order: something is seen, or a request has an answer. */
const BUSY =
  "The link's site is not answering just now (status 503). Open it, and paste the address that the browser then shows.";
const steps = [
  ...text.matchAll(
    /<!-- seen: (\S+) (\d+) -->|```sh\n([^`]+)\n```\n\n```json (\d+)\n([^`]+)\n```/g,
  ),
];

describe('docs/api.md', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    world = await startApiWorld({
      follow: async () => ({ kind: 'unresolved', reason: 'busy', message: BUSY, retryable: true }),
    });
  });
  afterAll(() => world.close());

  async function ask(example: string): Promise<ApiAnswer> {
    const curl = CURL.exec(example);
    if (!curl)
      throw new Error(`This example is written in another way than the others:\n${example}`);
    const [, path, caller, key, body] = curl;
    const as = CALLERS[caller!]!;
    return body === undefined
      ? world.get(path!, { as })
      : world.post(path!, JSON.parse(body), { as, ...(key === undefined ? {} : { key }) });
  }

  it('has an answer to each request, and no other blocks', () => {
    const requests = steps.filter(([, seen]) => seen === undefined);
    expect(requests.length).toBeGreaterThan(12);
    expect(text.match(/^```/gm)).toHaveLength(requests.length * 4);
  });

  it('says what the API does', async () => {
    for (const [, seen, views, example, status, answer] of steps) {
      if (seen !== undefined) {
        world.clock.advance(DAY_MS);
        await world.see(seen, Number(views));
        world.clock.advance(2 * DAY_MS);
        continue;
      }
      const { status: given, body } = await ask(example!);
      expect({ example, status: given, body }).toMatchObject({
        example,
        status: Number(status),
        body: JSON.parse(answer!),
      });
    }
  });
});
