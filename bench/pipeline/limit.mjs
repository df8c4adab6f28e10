/**
 * BullMQ on a Redis of its own that writes its log to the disk every second; its worker does
 * nothing.
 */
import { Queue, Worker } from 'bullmq';
import IORedis from 'ioredis';
import { join } from 'node:path';
import { JOBS, STEADY, quantile, steadily, until } from './measure.mjs';
import { startRedis } from './peers/measure.mjs';

/**
 * Jobs a second, from the first that is added to the last that is done; and milliseconds from
 * adding to done at a steady rate.
 */
export async function measureBullMq(dir) {
  const redis = await startRedis(join(dir, 'redis'));
  const connection = new IORedis({
    port: redis.port,
    host: '127.0.0.1',
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  // Until it listens, the connection is refused, and made again.
  connection.on('error', () => {});
  await connection.ping();
  const queue = new Queue('scrapes', { connection });
  let done = () => {};
  const worker = new Worker('scrapes', async ({ data }) => done(data.n), {
    connection,
    concurrency: 200,
  });
  try {
    await worker.waitUntilReady();
    let handled = 0;
    done = () => handled++;
    const began = performance.now();
    const job = (n) => ({
      name: 'scrape',
      data: { n, clipId: `youtube-${n}`, url: 'https://example.com/' },
      opts: { removeOnComplete: true },
    });
    for (let n = 0; n < JOBS; n += 1_000)
      await queue.addBulk(Array.from({ length: 1_000 }, (_, i) => job(n + i)));
    await until(() => handled === JOBS, 'the last job');
    const perSecond = JOBS / ((performance.now() - began) / 1000);
    const addedAt = [];
    const took = [];
    done = (n) => took.push(performance.now() - addedAt[n]);
    const count = STEADY.perSecond * STEADY.seconds;
    await steadily(count, STEADY.perSecond, (from, to) => {
      const jobs = Array.from({ length: to - from }, (_, i) => job(from + i));
      for (const { data } of jobs) addedAt[data.n] = performance.now();
      return queue.addBulk(jobs);
    });
    await until(() => took.length === count, 'the last job');
    return { perSecond, p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
  } finally {
    await worker.close();
    await queue.close();
    connection.disconnect();
    redis.stop();
  }
}
