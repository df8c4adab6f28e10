import { describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { ApifyWebhookController } from './apify-webhook.controller.js';
import type { Bodies } from './bodies.js';
import type { Problem } from './problem.js';

const SECRET = 'a secret of the tests';
const BODY = {
  eventType: 'ACTOR.RUN.SUCCEEDED',
  eventData: { actorRunId: 'HG7ML7M8z78YcAPEB' },
  resource: { status: 'SUCCEEDED' },
};

function receiver(secret: string | null = SECRET) {
  const published: string[][] = [];
  const read: unknown[] = [];
  const hints = secret && { secret, publish: (...said: string[]) => void published.push(said) };
  const bodies = { read: async () => void read.push(1) } as unknown as Bodies;
  const controller = new ApifyWebhookController(hints || null, bodies);
  return {
    published,
    read,
    /** What is answered, or the status of the refusal. */
    ended: (given: string | undefined, dispatch: string | undefined, body: unknown) => {
      const headers: Record<string, string | undefined> = {
        'x-cliptally-webhook-secret': given,
        'x-apify-webhook-dispatch-id': dispatch,
      };
      const request = { get: (name: string) => headers[name], body } as unknown as Request;
      return controller.ended(request, {} as Response).catch((problem: Problem) => problem.status);
    },
  };
}

describe('webhooks from Apify', () => {
  it('tell the scrapers which run has ended, and nothing else', async () => {
    const { published, ended } = receiver();
    expect(await ended(SECRET, 'd1', BODY)).toEqual({ accepted: true, repeated: false });
    expect(published).toEqual([['cliptally.hints.apify-run-ended', 'HG7ML7M8z78YcAPEB']]);
  });

  it('count once, however often they come', async () => {
    const { published, ended } = receiver();
    for (let i = 0; i < 3; i++) await ended(SECRET, 'd1', BODY);
    expect(await ended(SECRET, 'd1', BODY)).toMatchObject({ repeated: true });
    expect(published).toHaveLength(1);
  });

  it.each([
    ['a forged one', 'another secret', 'd1', BODY, 401, 0],
    ['one without a secret', undefined, 'd1', BODY, 401, 0],
    ['one without its dispatch', SECRET, undefined, BODY, 400, 0],
    ['one without a run', SECRET, 'd1', {}, 400, 1],
    ['one whose run is no id', SECRET, 'd1', { eventData: { actorRunId: '../../users/me' } }, 400, 1],
  ])('refuse %s; of a stranger nothing is read', async (_, secret, dispatch, body, status, bodies) => {
    const { published, read, ended } = receiver();
    expect(await ended(secret, dispatch, body)).toBe(status);
    expect([published, read]).toEqual([[], Array(bodies).fill(1)]);
  }); // prettier-ignore

  it('are not taken without a secret of our own', async () => {
    expect(await receiver(null).ended(SECRET, 'd1', BODY)).toBe(404);
  });
});
