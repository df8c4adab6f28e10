import { afterEach, describe, expect, it } from '@jest/globals';
import { raiseVersion } from '../testing/raise-version.js';
import { jsonSchemaOf } from '../documents/json-schema.js';
import type { AnyEvent } from './envelope.js';
import { assertReadable, upcast } from './upcast.js';

const written = (version: number): AnyEvent => ({
  id: '00000000-0000-4000-8000-000000000001',
  type: 'CampaignPaused',
  version,
  time: '2026-01-01T00:00:00.000Z',
  correlationId: 'c',
  causationId: 'c',
  stream: 'campaign-a',
  revision: 0,
  position: 1,
  data: { campaignId: 'a', reason: 'r', by: 'test' },
});

describe('an event of an older version', () => {
  let restore = () => {};
  afterEach(() => restore());

  it('is read through every version in between', () => {
    restore = raiseVersion(
      'CampaignPaused',
      ({ by, ...data }, { time }) => ({ ...data, pausedBy: by, pausedAt: time }),
      ({ reason, ...data }) => ({ ...data, reasons: [reason] }),
    );
    const data = {
      campaignId: 'a',
      pausedBy: 'test',
      pausedAt: '2026-01-01T00:00:00.000Z',
      reasons: ['r'],
    };
    expect(upcast(written(1))).toEqual({ ...written(3), data });
    const second = {
      ...written(2),
      data: { campaignId: 'a', pausedBy: 'x', pausedAt: 'y', reason: 'r' },
    } as unknown as AnyEvent;
    expect(upcast(second).data).toEqual({
      campaignId: 'a',
      pausedBy: 'x',
      pausedAt: 'y',
      reasons: ['r'],
    });
    expect(jsonSchemaOf('CampaignPaused')).toMatchObject({ title: 'CampaignPaused, version 3' });
  });

  it('stays as it is where it is the newest, or of a type that nobody knows', () => {
    const newest = written(1);
    expect(upcast(newest)).toBe(newest);
    for (const type of ['CampaignTeleported', 'constructor']) {
      const event = { ...written(1), type } as unknown as AnyEvent;
      expect(upcast(event)).toBe(event);
      expect(() => assertReadable(event)).not.toThrow();
    }
  });

  it('of a newer version than this program knows is refused by those who act on it', () => {
    expect(upcast(written(2))).toEqual(written(2));
    expect(() => assertReadable(written(2))).toThrow(
      'is of version 2, and this program knows 1: update it',
    );
    expect(() => assertReadable(written(1))).not.toThrow();
  });
});
