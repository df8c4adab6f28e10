import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ExactlyOnce } from './exactly-once.js';
import { WrittenLog } from './testing/log.js';

const CLIP = 'youtube-abcdefghijk';
const outcome = (log: WrittenLog, requestId: string, type = 'ViewsRecorded') =>
  log.add(`clip-${CLIP}`, type, { clipId: CLIP, requestId, views: 1, runId: 'r' });

/** A run of three scrapes in one batch; the second has failed. */
function worked(): WrittenLog {
  const log = new WrittenLog();
  for (const requestId of ['a', 'b', 'c'])
    log.add('tracking-run-r', 'ClipTrackingRequested', { requestId, clipId: CLIP, runId: 'r' });
  log.add('scrape-batch-1', 'ScrapeBatchStarted', { batchId: '1', requestIds: ['a', 'b', 'c'] });
  outcome(log, 'a');
  outcome(log, 'b', 'ScrapeFailed');
  outcome(log, 'c');
  log.add('scrape-batch-1', 'ScrapeBatchCompleted', { batchId: '1', costMicroUsd: 1 });
  return log;
}

function judged(log: WrittenLog, upTo?: number) {
  const once = new ExactlyOnce(upTo);
  for (const event of log.events) once.take(event);
  return {
    requests: once.requests(),
    observations: once.observations(),
    batches: once.batches(),
  };
}

const sound = (checked: number) => ({ checked, lost: [], twice: [] });

describe('what has to be in the log exactly once', () => {
  it('is, in a log that is sound', () => {
    expect(judged(worked())).toEqual({
      requests: sound(3),
      observations: sound(2),
      batches: sound(1),
    });
  });

  it.each(['a', 'b', 'c'])('says that the outcome of %s is lost', (requestId) => {
    const log = worked();
    const at = log.events.findIndex(
      ({ type, data }) => type !== 'ClipTrackingRequested' && data['requestId'] === requestId,
    );
    log.events.splice(at, 1);
    expect(judged(log).requests).toEqual({ checked: 3, lost: [requestId], twice: [] });
  });

  it('says that a scrape was recorded twice, that one failed after it was recorded, that a batch ended twice', () => {
    const log = worked();
    outcome(log, 'a');
    outcome(log, 'c', 'ScrapeFailed');
    log.add('scrape-batch-1', 'ScrapeBatchCompleted', { batchId: '1', costMicroUsd: 1 });
    expect(judged(log)).toEqual({
      requests: { checked: 3, lost: [], twice: ['a', 'c'] },
      observations: { checked: 2, lost: [], twice: ['a'] },
      batches: { checked: 1, lost: [], twice: ['1'] },
    });
  });

  it('an intent to spend without an end is lost', () => {
    const log = worked();
    log.events.pop();
    expect(judged(log).batches).toEqual({ checked: 1, lost: ['1'], twice: [] });
  });

  it('what has begun after the position is not due, and an observation without a request is no loss', () => {
    const log = worked();
    const upTo = log.head;
    log.add('tracking-run-s', 'ClipTrackingRequested', { requestId: 'd', clipId: CLIP });
    log.add('scrape-batch-2', 'ScrapeBatchStarted', { batchId: '2', requestIds: ['d'] });
    outcome(log, 'imported');
    expect(judged(log, upTo)).toMatchObject({ requests: sound(3), batches: sound(1) });
    expect(judged(log)).toMatchObject({ requests: { lost: ['d'] }, batches: { lost: ['2'] } });
  });

  it('finds any number of outcomes that are left out or doubled', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }), (times) => {
        const log = new WrittenLog();
        times.forEach((_, n) => log.add('run', 'ClipTrackingRequested', { requestId: `${n}` }));
        times.forEach((count, n) => {
          for (let i = 0; i < count; i++) outcome(log, `${n}`);
        });
        const { checked, lost, twice } = judged(log).requests;
        expect([checked, lost.length, twice.length]).toEqual([
          times.length,
          times.filter((count) => count === 0).length,
          times.filter((count) => count > 1).length,
        ]);
      }),
    );
  });
});
