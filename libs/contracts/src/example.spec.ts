import { expect, it } from '@jest/globals';
import { EVENTS, earnedFor, identifyClip, newEvent, streams, subjectOf } from './index.js';

/** The example of README.md. */
it('a clip is identified, approved and paid', () => {
  const clip = identifyClip('https://youtu.be/dQw4w9WgXcQ?t=7');
  if (clip.kind !== 'clip') throw new Error(`It is a ${clip.kind}.`);
  expect(clip.clipId).toBe('youtube-dQw4w9WgXcQ');

  const approved = newEvent(
    'ClipApproved',
    '5f6a07fb-1611-5e1b-9bab-d7193bacab21',
    { clipId: clip.clipId, platform: clip.platform, campaignId: 'spring-drop', by: 'acme' },
    { time: new Date('2026-01-01T00:00:00Z'), correlationId: 'request', causationId: 'request' },
  );
  expect(approved.version).toBe(EVENTS.ClipApproved.version);
  expect(subjectOf({ ...approved, stream: streams.clip(clip.clipId) })).toBe(
    'cliptally.events.clip.ClipApproved.youtube',
  );

  // 1,999 views at 150 cents for a thousand, rounded down.
  expect(earnedFor(1_999, 150)).toBe(299);
});
