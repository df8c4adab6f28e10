import { describe, expect, it } from '@jest/globals';
import { ApifyWebhookController } from './apify-webhook.controller.js';
import type { Problem } from './problem.js';

const SECRET = 'a secret of the tests';
const BODY = {
  eventType: 'ACTOR.RUN.SUCCEEDED',
  eventData: { actorRunId: 'HG7ML7M8z78YcAPEB' },
  resource: { status: 'SUCCEEDED' },
};

function receiver() {
  const published: string[][] = [];
  return {
    published,
    controller: new ApifyWebhookController({
      secret: SECRET,
      publish: (...said) => void published.push(said),
    }),
  };
}
const statusOf = (work: () => unknown): number => {
  try {
    work();
    return 200;
  } catch (error) {
    return (error as Problem).status;
  }
};

describe('webhooks from Apify', () => {
  it('tell the scrapers which run has ended, and nothing else', () => {
    const { published, controller } = receiver();
    expect(controller.ended(SECRET, 'd1', BODY)).toEqual({ accepted: true, repeated: false });
    expect(published).toEqual([['cliptally.hints.apify-run-ended', 'HG7ML7M8z78YcAPEB']]);
  });

  it('count once, however often they come', () => {
    const { published, controller } = receiver();
    for (let i = 0; i < 3; i++) controller.ended(SECRET, 'd1', BODY);
    expect(controller.ended(SECRET, 'd1', BODY)).toMatchObject({ repeated: true });
    expect(published).toHaveLength(1);
  });

  it.each([
    ['a forged one', 'another secret', 'd1', BODY, 401],
    ['one without a secret', undefined, 'd1', BODY, 401],
    ['one without its dispatch', SECRET, undefined, BODY, 400],
    ['one without a run', SECRET, 'd1', {}, 400],
    ['one whose run is no id', SECRET, 'd1', { eventData: { actorRunId: '../../users/me' } }, 400],
  ])('refuse %s', (_, secret, dispatch, body, status) => {
    const { published, controller } = receiver();
    expect(statusOf(() => controller.ended(secret, dispatch, body))).toBe(status);
    expect(published).toEqual([]);
  });

  it('are not taken without a secret of our own', () => {
    expect(statusOf(() => new ApifyWebhookController(null).ended(SECRET, 'd1', BODY))).toBe(404);
  });
});
