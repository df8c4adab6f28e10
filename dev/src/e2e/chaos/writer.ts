import { PostgresEventStore, type Appended } from '@cliptally/event-store';
import { LANES, stepOf, type Acknowledged } from './history.js';

/**
 * A writer under load, as a process to be killed: appends step after step in every lane from where
 * its arguments say, and prints a line for each step that the log has acknowledged. An append that
 * fails is made again as it is, and so is what was under way when it was killed.
 */
const [url, ...from] = process.argv.slice(2);
const store = new PostgresEventStore({ url: url! });

/** Real time: other processes need some of these two cores, too. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function insist(append: () => Promise<Appended[]>): Promise<number> {
  for (;;) {
    try {
      return Math.max(...(await append()).map(({ position }) => position));
    } catch (error) {
      if ((error as Error).name !== 'StoreUnavailable') throw error;
    }
  }
}

async function write(lane: number): Promise<void> {
  for (let step = Number(from[lane]); ; step++) {
    const { run, outcomes } = stepOf(lane, step);
    const acknowledged: Acknowledged = {
      lane,
      step,
      run: await insist(() => store.appendMany([run])),
      outcomes: await insist(() => store.appendMany(outcomes)),
    };
    process.stdout.write(`${JSON.stringify(acknowledged)}\n`);
    await pause(60);
  }
}

await Promise.all(Array.from({ length: LANES }, (_, lane) => write(lane)));
