import type { ApifyStandIn } from '../apify-stand-in/index.js';
import {
  startNats,
  startPostgres,
  type NatsOptions,
  type PostgresOptions,
  type RunningNats,
  type RunningPostgres,
} from '../servers/index.js';

/** Something that is killed and started again. */
export interface Victim {
  name: string;
  kill(): Promise<unknown>;
  start(): Promise<unknown>;
}

/** A nats-server that comes back on the same data and port. */
export class NatsVictim implements Victim {
  readonly name = 'nats-server';
  #alive = true;

  private constructor(
    readonly options: NatsOptions,
    private running: RunningNats,
  ) {}

  static async start(options: NatsOptions): Promise<NatsVictim> {
    const running = await startNats(options);
    return new NatsVictim({ ...options, port: running.port }, running);
  }

  get url(): string {
    return this.running.url;
  }
  get pid(): number {
    return this.running.pid;
  }

  async kill(): Promise<void> {
    this.#alive = false;
    await this.running.kill();
  }

  async start(): Promise<void> {
    if (this.#alive) return;
    this.running = await startNats(this.options);
    this.#alive = true;
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}

/**
 * A source whose API answers errors. Half of the starts take effect, and only their answers are
 * lost: a scraper that starts again without a search pays twice.
 */
export class SourceVictim implements Victim {
  readonly name = 'the source';
  #before = 0;

  constructor(private readonly standIn: ApifyStandIn) {}

  /** Calls since it was made to fail. */
  get calls(): number {
    return this.#calls() - this.#before;
  }

  async kill(): Promise<void> {
    this.#before = this.#calls();
    this.standIn.setFaults([
      { kind: 'error', on: 'start', status: 503, lost: true, probability: 0.5 },
      { kind: 'error', on: 'any', status: 503 },
    ]);
  }

  async start(): Promise<void> {
    this.standIn.setFaults([]);
  }

  #calls(): number {
    return Object.values(this.standIn.stats().requests).reduce((sum, calls) => sum + calls, 0);
  }
}

/** A PostgreSQL that comes back on the same data and port. */
export class PostgresVictim implements Victim {
  readonly name = 'PostgreSQL';
  #running!: RunningPostgres;
  #alive = false;

  constructor(private readonly options: PostgresOptions) {}

  get url(): string {
    return this.#running.url;
  }
  get pid(): number {
    return this.#running.pid;
  }

  /** Also after it has ended by itself. */
  async start(): Promise<void> {
    if (this.#alive) return;
    const port = this.#running?.port;
    const running = await startPostgres({ ...this.options, ...(port !== undefined && { port }) });
    this.#running = running;
    this.#alive = true;
    void running.ended.then(async (reason) => {
      if (reason === null) return;
      // Its lock is released.
      await running.stop();
      if (this.#running === running) this.#alive = false;
    });
  }

  async kill(): Promise<void> {
    this.#alive = false;
    await this.#running.kill();
  }

  async stop(): Promise<void> {
    this.#alive = false;
    await this.#running.stop();
  }
}
