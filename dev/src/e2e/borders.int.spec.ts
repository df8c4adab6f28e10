import { MOST_MINOR, newEvent, streams } from '@cliptally/contracts';
import { earningsProjection } from '@cliptally/earnings';
import { openPool } from '@cliptally/event-store';
import { rebuildProjection } from '@cliptally/messaging';
import { monitorProjection } from '@cliptally/monitor';
import { schedulerProjection } from '@cliptally/scheduler';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import {
  freshUrl,
  startApiWorld,
  type Sending,
} from '../../../services/earnings/src/testing/api-world.js';

const encoded = (text: string): string => Buffer.from(text).toString('base64url');
const HUGE = Number(process.env['FUZZ_RUNS'] ?? 300);

/** Texts that no store keeps. */
const BAD = ['a\0b', '\ud800', 'a\udc00', '\ude00\ud83d'];
const LISTS = [
  '/campaigns',
  '/clips',
  '/payouts',
  '/short-links',
  '/failed-scrapes',
  '/creators/ann/statement',
  '/campaigns/first/statement',
  '/clips/CLIP/statement',
];
/** Cursors that no list has ever given. */
const CURSORS = [
  '', ' ', '%', '\0', '\ud800', '💥', 'null', 'x'.repeat(500), ...['', '{', 'null', 'true', '{}', '[]', '[[]]', '""', '1e300', '1e999', '-1', '1.5', '9007199254740993',
    '9223372036854775808', ' 1', '1e2', '"a\\u0000"', '"\\ud800"', '"\0"', `"${'x'.repeat(201)}"`, '["1","x"]', '["2026","x"]', '["0000-01-01T00:00:00Z","x"]', '["x","y"]',
    '["2026-01-01T00:00:00Z","\\u0000"]', '["campaigns",["0000-01-01T00:00:00.000Z","x"]]', '["campaigns",["1","x"]]', '["campaigns",["2026-01-01T00:00:00Z","\\u0000"]]',
    '["short-links",["-1","x"]]', '["short-links",["+275760-09-13T00:00:00.000Z","x"]]', '["failed-scrapes","\\u0000"]', '[1,1099511627776]', '[1,2147483648]', '[1e300,1]',
    '[9007199254740993,1]', '[-1,0]', '[1,-1]', '[1,2,3]', '[1,null]', '{"__proto__":1}', '['.repeat(200), `${'['.repeat(100)}${']'.repeat(100)}`].map(encoded),
]; // prettier-ignore

describe('borders of the API', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  let pool: Pool;
  let clipId: string;
  let head: number;
  beforeAll(async () => {
    world = await startApiWorld();
    pool = openPool(world.database.url, 'borders', 2);
    for (const campaignId of ['first', 'second', 'third'])
      await world.post(
        '/campaigns',
        world.terms({ campaignId, brandId: 'acme', validationDays: 0 }),
      );
    for (let i = 0; i < 3; i++)
      ({ clipId } = (
        await world.post('/clips', { url: freshUrl(), campaignId: 'first', creatorId: 'ann' })
      ).body);
    await world.post(`/clips/${clipId}/approve`);
    world.clock.advance(1_000);
    await world.see(clipId, 100_000);
    for (const payoutId of ['p1', 'p2'])
      await world.post('/payouts', { payoutId, creatorId: 'ann', currency: 'USD', amount: 100 });
    await world.post('/payouts/p1/approve');
    head = await world.store.head();
  });
  afterEach(async () => {
    // Whatever came before: the log takes an append, it can be read, and the tables follow.
    await world.see(clipId, 100_000);
    head = await world.store.head();
  });
  afterAll(async () => {
    await pool.end();
    await world.close();
  });

  const refusedBy = async (field: string, path: string, sending: Sending, status = 400) => {
    const answer = await world.send(
      sending.body === undefined && sending.raw === undefined ? 'GET' : 'POST',
      path,
      sending,
    );
    const fields = [
      ...new Set(
        (answer.body.errors as { field: string }[] | undefined)?.map((error) => error.field),
      ),
    ];
    expect([path, JSON.stringify(sending), answer.status, fields]).toEqual([
      path,
      JSON.stringify(sending),
      status,
      [field],
    ]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await world.store.head()).toBe(head);
    return answer.body.detail as string;
  };

  it.each([
    ['/campaigns', 'name', {}],
    ['/campaigns/first/pause', 'reason', {}],
    ['/campaigns/first/end', 'reason', {}],
    ['/clips', 'url', { campaignId: 'first', creatorId: 'ann' }],
    ['/clips/CLIP/reject', 'reason', {}],
    ['/clips/CLIP/hold', 'reason', {}],
    ['/clips/CLIP/reverse', 'reason', { amount: 'all' }],
    ['/creators/ann/payout-account', 'account', { provider: 'manual' }],
    ['/payouts/p2/reject', 'reason', {}],
    ['/payouts/p1/paid', 'externalReference', {}],
    ['/payouts/p1/failed', 'reason', {}],
  ])('POST %s refuses a %s that no store keeps, and names it', async (path, field, more) => {
    for (const text of BAD) {
      const body = {
        ...(path === '/campaigns' ? world.terms({ brandId: 'acme' }) : {}),
        ...more,
        [field]: text,
      };
      await refusedBy(field, path.replace('CLIP', clipId), { body, key: randomUUID() });
    }
  });

  it('a batch of clips names the place of the bad one', async () => {
    const clips = [freshUrl(), `${freshUrl()}\ud800`].map((url) => ({
      url,
      campaignId: 'first',
      creatorId: 'ann',
    }));
    await refusedBy('clips.1.url', '/clips/batch', { body: { clips } });
  });

  it('what only looks like an escape is text', async () => {
    for (const reason of ['\\u0000', 'C:\\ud800\\x', '💥', '\u0001'])
      expect(
        (await world.post(`/clips/${clipId}/hold`, { reason })).status +
          (await world.post(`/clips/${clipId}/release`)).status,
      ).toBe(400);
  });

  it.each(LISTS)('GET %s refuses a cursor of any other content, and names it', async (path) => {
    for (const cursor of CURSORS)
      await refusedBy(
        'cursor',
        `${path.replace('CLIP', clipId)}?${new URLSearchParams({ cursor: cursor.toWellFormed() })}`,
        {},
      );
    for (const raw of ['%00', '%ff', '%ed%a0%80', 'a%2fb'])
      await refusedBy('cursor', `${path.replace('CLIP', clipId)}?cursor=${raw}`, {});
  });

  it('POST /failed-scrapes/retry refuses such a cursor in its body', async () => {
    for (const cursor of [...CURSORS, ...BAD])
      await refusedBy('cursor', '/failed-scrapes/retry', { body: { cursor } });
  });

  it('a list refuses the cursors of lists of another kind, and takes its own', async () => {
    const pages = ['/campaigns', '/clips', '/payouts', '/creators/ann/statement'];
    const cursors = await Promise.all(
      pages.map(async (path) => (await world.get(`${path}?limit=1`)).body.next as string),
    );
    for (const [i, path] of pages.entries())
      for (const [j, cursor] of cursors.entries())
        if (i === j) expect((await world.get(`${path}?cursor=${cursor}`)).status).toBe(200);
        else await refusedBy('cursor', `${path}?cursor=${cursor}`, {});
    await refusedBy('cursor', `/short-links?cursor=${cursors[0]}`, {});
    await refusedBy('cursor', `/failed-scrapes?cursor=${cursors[1]}`, {});
  });

  it.each([
    ['startsAt', '0000-01-01T00:00:00Z'],
    ['startsAt', '1969-12-31T23:59:59Z'],
    ['endsAt', '0001-01-01T00:00:00Z'],
    ['endsAt', '+275760-09-13T00:00:00Z'],
    ['budget', MOST_MINOR + 1],
    ['budget', 2 ** 53 - 1],
    ['budget', 9.3e18],
    ['maxPayoutPerClip', MOST_MINOR + 1],
    ['minPayout', MOST_MINOR + 1],
    ['ratePerThousand.default', MOST_MINOR + 1],
    ['ratePerThousand.x', MOST_MINOR + 1],
  ])('POST /campaigns refuses a %s of %s', async (field, value) => {
    const [first, second] = field.split('.');
    const detail = await refusedBy(field, '/campaigns', {
      body: world.terms({
        brandId: 'acme',
        [first!]: second ? { default: 1, [second]: value } : value,
      }),
    });
    if (value === MOST_MINOR + 1) expect(detail).toContain(String(MOST_MINOR));
  });

  it('amounts of a top-up and of a payout have the same limit', async () => {
    for (const amount of [MOST_MINOR + 1, 2 ** 53, 9.3e18, 1e308]) {
      await refusedBy('amount', '/campaigns/first/top-up', { body: { amount } });
      await refusedBy('amount', '/payouts', {
        body: { creatorId: 'ann', currency: 'USD', amount },
      });
    }
  });

  it.each([
    '1e999',
    '-1e999',
    '1e400',
    '9223372036854775808',
    '9.3e18',
    '0.5',
    '-0.0001',
    '1e-400',
    '-1',
  ])('an amount of %s, as JSON has it, is refused', async (number) => {
    await refusedBy('amount', '/campaigns/first/top-up', { raw: `{"amount":${number}}` });
  });

  it('names twice, names of JavaScript, and deep values change nothing but what they say', async () => {
    const deep = (open: string, close: string) => open.repeat(10_000) + close.repeat(10_000);
    for (const raw of [
      '{"amount":"x","amount":1e999}',
      '{"amount":-1,"__proto__":{"amount":5}}',
      '{"__proto__":{"amount":5}}',
      '{"constructor":{"prototype":{"amount":5}}}',
      `{"amount":${deep('[', ']')}}`,
      `{"amount":${deep('{"a":', '1}').replace('1}', '1}')}`,
      `{"amount":5,"x":${deep('[', ']')}}`,
      deep('[', ']'),
    ]) {
      const answer = await world.send('POST', '/campaigns/first/top-up', {
        raw,
        key: randomUUID(),
      });
      expect([raw.slice(0, 60), answer.status]).toEqual([raw.slice(0, 60), 400]);
      expect(await world.store.head()).toBe(head);
    }
    expect(({} as Record<string, unknown>)['amount']).toBeUndefined();
    // The last one counts, as everywhere in JSON.
    expect(
      (await world.send('POST', '/campaigns/first/top-up', { raw: '{"amount":-1,"amount":7}' }))
        .status,
    ).toBe(200);
  });

  it('subjects of tokens that no stream or event can hold are refused, though they are signed', async () => {
    for (const role of ['brand', 'creator'] as const)
      for (const subject of ['auth0|1', 'a b', 'x'.repeat(65), ...BAD])
        expect((await world.get('/campaigns', { as: [role, subject] })).status).toBe(401);
    for (const subject of ['x'.repeat(201), ...BAD])
      expect((await world.get('/campaigns', { as: ['admin', subject] })).status).toBe(401);
    expect((await world.get('/campaigns', { as: ['admin', 'auth0|1 é'] })).status).toBe(200);
  });

  it('a file of transfers with a character that no store keeps is refused by its line', async () => {
    await refusedBy('line 3', '/payouts/transfers.csv', {
      raw: 'payout_id,reference,error\np1,a,\np2,b\0,\n',
      type: 'text/csv',
    });
  });

  it(`no text and no number that the API accepts or refuses makes an append, a table or a page fail (${HUGE} of them)`, async () => {
    const unit = fc.oneof(
      { weight: 1, arbitrary: fc.nat(0xffff).map((code) => String.fromCharCode(code)) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          'a',
          '\\',
          'u0000',
          '\\ud800',
          '"',
          "'",
          '{',
          '\n',
          '\u2028',
          '💥',
          '%00',
          '\u202e',
          '=',
        ),
      },
    );
    const text = fc.string({ unit, maxLength: 12 });
    const number = fc.oneof(
      fc.integer(),
      fc.maxSafeNat(),
      fc.double(),
      fc.constantFrom(1, 7, MOST_MINOR, MOST_MINOR + 1, 2 ** 53, 2 ** 63, 1e308),
    );
    const instant = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      text,
    );
    const id = fc.oneof(fc.constantFrom('first', 'second', 'p1'), text);
    const request = fc.oneof(
      fc.record({
        path: fc.constant('/campaigns'),
        body: fc
          .record({
            name: text,
            budget: number,
            startsAt: instant,
            endsAt: fc.option(instant),
            minViews: number,
            maxPayoutPerClip: fc.option(number),
            ratePerThousand: fc.record({ default: number }),
            minPayout: number,
          })
          .map((more) => world.terms({ brandId: 'acme', ...more })),
      }),
      fc.record({
        path: fc.constant('/campaigns/second/top-up'),
        body: fc.record({ amount: number }),
      }),
      fc.record({
        path: fc.constantFrom('/campaigns/second/pause', '/campaigns/second/resume'),
        body: fc.record({ reason: text }, { requiredKeys: [] }),
      }),
      fc.record({
        path: fc.constant('/clips'),
        body: fc.record({
          url: fc.oneof(
            text,
            text.map((more) => freshUrl() + more),
          ),
          campaignId: id,
          creatorId: id,
        }),
      }),
      fc.record({
        path: fc.constantFrom('hold', 'release', 'reverse').map((what) => `/clips/CLIP/${what}`),
        body: fc.record({ reason: text, amount: number, reviewAt: instant }, { requiredKeys: [] }),
      }),
      fc.record({
        path: fc.constant('/creators/ann/payout-account'),
        body: fc.record({ provider: fc.constant('manual'), account: text }),
      }),
      fc.record({
        path: fc.constant('/payouts'),
        body: fc.record({
          payoutId: id,
          creatorId: fc.constant('ann'),
          currency: fc.oneof(fc.constant('USD'), text),
          amount: number,
        }),
      }),
      fc.record({
        path: fc.constantFrom('paid', 'failed', 'reject').map((what) => `/payouts/p1/${what}`),
        body: fc.record({ reason: text, externalReference: text }, { requiredKeys: [] }),
      }),
    );
    const cursor = fc.oneof(
      text,
      text.map((t) => encoded(JSON.stringify(t))),
      fc.jsonValue().map((value) => encoded(JSON.stringify(value))),
      fc.tuple(number, number).map((pair) => encoded(JSON.stringify(pair))),
    );
    await fc.assert(
      fc.asyncProperty(
        request,
        fc.constantFrom(...LISTS),
        cursor,
        async ({ path, body }, list, aCursor) => {
          const before = await world.store.head();
          const answer = await world.post(path.replace('CLIP', clipId), body, {
            key: randomUUID(),
          });
          expect([answer.status, answer.body]).toEqual([expect.any(Number), expect.anything()]);
          expect(answer.status).toBeLessThan(500);
          if (answer.status >= 400) expect(await world.store.head()).toBe(before);
          await world.service.settled(AbortSignal.timeout(30_000));
          const page = await world.get(
            `${list.replace('CLIP', clipId)}?${new URLSearchParams({ cursor: aCursor.toWellFormed() })}`,
          );
          expect([200, 400]).toContain(page.status);
          expect((await world.get(list.replace('CLIP', clipId))).status).toBe(200);
        },
      ),
      { numRuns: HUGE },
    );
  }, 600_000);

  it('whatever was accepted, every projection takes the log over', async () => {
    const resumed = newEvent(
      'CampaignResumed',
      randomUUID(),
      { campaignId: 'third', by: 'test' },
      { time: world.clock.now(), correlationId: 'c', causationId: 'c' },
    );
    const { position } = await world.store.append(streams.campaign('third'), [resumed], 'any');
    await world.service.settled(AbortSignal.timeout(30_000));
    for (const projection of [earningsProjection, monitorProjection, schedulerProjection])
      expect(await rebuildProjection(projection, pool, world.store)).toMatchObject({ position });
  });
});
