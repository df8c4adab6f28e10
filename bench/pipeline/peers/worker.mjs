/** A worker of a peer: `worker.mjs <queue> <database> <port of Redis>`, until its parent ends. */
import { once } from 'node:events';
import { Pool } from 'pg';
import { AT_ONCE, QUEUES } from './queues.mjs';

const [queue, databaseUrl, redisPort] = process.argv.slice(2);
const pool = new Pool({ connectionString: databaseUrl, max: AT_ONCE });
// A connection that is lost is made anew; a job that was under way on it fails, and is tried again.
pool.on('error', () => {});
// As the source of the whole path: views that grow.
let count = 10_000;
const views = () => count++;
const stop = await QUEUES[queue].work({ databaseUrl, redisPort: Number(redisPort), pool, views });
process.send('ready');
await once(process, 'disconnect');
await stop();
await pool.end();
process.exit();
