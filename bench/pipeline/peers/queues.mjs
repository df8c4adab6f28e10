/**
 * Three queues as their documents advise for many small jobs. `add` puts jobs into it, `work` hands
 * each to `once` in a worker's process until `stop`, and gives a job back if it fails.
 */
import { Queue, Worker } from 'bullmq';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import IORedis from 'ioredis';
import { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { scrapeAlone } from './transaction.mjs';

const NAME = 'scrapes';
/** Transactions of one worker's process at once; more of them only wait for the same rows. */
export const AT_ONCE = 10;

const redisAt = (port) =>
  new IORedis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 50 });

export const QUEUES = {
  bullmq: {
    name: 'BullMQ + PostgreSQL',
    durability: 'jobs: Redis AOF each second; money: PostgreSQL, each commit',
    needsRedis: true,
    async open({ redisPort }) {
      const connection = redisAt(redisPort);
      const queue = new Queue(NAME, { connection });
      return {
        add: (jobs) =>
          queue.addBulk(
            jobs.map((data) => ({
              name: 'scrape',
              data,
              opts: { removeOnComplete: true, attempts: 5 },
            })),
          ),
        async close() {
          await queue.close();
          connection.disconnect();
        },
      };
    },
    async work({ redisPort, pool, views }) {
      const worker = new Worker(NAME, ({ data }) => scrapeAlone(pool, data, views()), {
        connection: redisAt(redisPort),
        concurrency: AT_ONCE,
      });
      await worker.waitUntilReady();
      return () => worker.close();
    },
  },
  'pg-boss': {
    name: 'pg-boss, 50 jobs a fetch',
    durability: 'jobs and money: PostgreSQL, each commit',
    async open({ databaseUrl }) {
      const boss = await bossOf(databaseUrl);
      await boss.createQueue(NAME, { notify: true, retryLimit: 5 });
      return {
        add: (jobs) =>
          boss.insert(
            NAME,
            jobs.map((data) => ({ data })),
          ),
        close: () => boss.stop({ graceful: false }),
      };
    },
    async work({ databaseUrl, pool, views }) {
      const boss = await bossOf(databaseUrl);
      const options = {
        perJobResults: true,
        batchSize: 50,
        localConcurrency: 2,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
        burstWhenBatchFull: true,
      };
      const settle = ({ id, data }) =>
        scrapeAlone(pool, data, views()).then(
          () => ({ id, status: 'completed' }),
          () => ({ id, status: 'failed' }),
        );
      await boss.work(NAME, options, (jobs) => Promise.all(jobs.map(settle)));
      return () => boss.stop({ graceful: false });
    },
  },
  'graphile-worker': {
    name: 'graphile-worker, local queue',
    durability: 'jobs and money: PostgreSQL, each commit; ends of jobs in batches',
    async open({ databaseUrl }) {
      // Its connections end with the server.
      const pgPool = new Pool({ connectionString: databaseUrl, max: 4 }).on('error', () => {});
      const utils = await makeWorkerUtils({ pgPool });
      await utils.migrate();
      return {
        add: (jobs) => utils.addJobs(jobs.map((payload) => ({ identifier: NAME, payload }))),
        async close() {
          await utils.release();
          await pgPool.end();
        },
      };
    },
    async work({ databaseUrl, pool, views }) {
      const runner = await run({
        connectionString: databaseUrl,
        taskList: { [NAME]: (payload) => scrapeAlone(pool, payload, views()) },
        noHandleSignals: true,
        // A line for each job would be work of its own.
        logger: new Logger(() => () => {}),
        crontab: '',
        preset: {
          worker: {
            concurrentJobs: AT_ONCE,
            maxPoolSize: AT_ONCE,
            localQueue: { size: 5 * AT_ONCE },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      });
      return () => runner.stop();
    },
  },
};

async function bossOf(connectionString) {
  const boss = new PgBoss({ connectionString, max: 6, useListenNotify: true, supervise: false });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  return boss.start();
}
