import { setTimeout as pause } from 'node:timers/promises';
import { freePort, until } from '../../servers/index.js';
import { Supervised } from '../../service-process.js';
import type { Victim } from '../victims.js';
import { freeze, residentBytes, thaw } from './processes.js';
import type { Proxy } from './proxy.js';

export type Service = 'relay' | 'scraper' | 'earnings' | 'monitor' | 'scheduler';
/** What a process is connected to. */
export type Server = 'postgres' | 'nats' | 'apify' | 'stripe' | 'mail';
export type Links = Partial<Record<Server, Proxy>>;

const GRACE_MS = 20_000;

/** A process of a service, supervised as containers are, and its connections. */
export class Machine implements Victim {
  /** The most resident bytes that were seen. */
  peak = 0;

  private constructor(
    readonly name: string,
    readonly service: Service,
    readonly links: Links,
    private readonly port: number,
    private supervised: Supervised,
    private readonly environment: Record<string, string>,
    private readonly folder?: string,
  ) {}

  /** `folder`: where the code of another version is. */
  static async make(
    name: string,
    service: Service,
    links: Links,
    given: Record<string, string>,
    folder?: string,
  ): Promise<Machine> {
    const port = await freePort();
    const set = Object.entries(given).filter(([, value]) => value !== '');
    const environment = { ...Object.fromEntries(set), PORT: String(port), HOST: '127.0.0.1' };
    const supervised = supervise(service, environment, folder);
    return new Machine(name, service, links, port, supervised, environment, folder);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get pid(): number | undefined {
    return this.supervised.pid;
  }
  get output(): string {
    return this.supervised.output;
  }
  get all(): Proxy[] {
    return Object.values(this.links);
  }

  /** Resolves once it says that it is ready. */
  async start(): Promise<void> {
    await this.supervised.start();
    await this.ready();
  }
  /** Without a wait: what it needs may be away. */
  async begin(): Promise<void> {
    await this.supervised.start();
  }
  async ready(): Promise<void> {
    const said = () => this.supervised.output.split('\n').slice(-12).join('\n');
    await until(`${this.name} to be ready`, () => this.isReady(), { said });
  }
  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  }

  /** As another process with these settings; without any, as before. */
  async startAs(more: Record<string, string>): Promise<void> {
    this.supervised = supervise(this.service, { ...this.environment, ...more }, this.folder);
    await this.start();
  }

  async kill(): Promise<void> {
    await this.supervised.kill();
  }
  async stop(): Promise<void> {
    await this.supervised.stop(GRACE_MS);
  }
  async end(): Promise<void> {
    const { pid } = this;
    if (pid !== undefined) thaw(pid);
    await this.kill();
  }

  /** Gives it no time for so long. */
  async freezeFor(ms: number): Promise<void> {
    const { pid } = this;
    if (pid === undefined) return;
    freeze(pid);
    await pause(ms);
    thaw(pid);
  }

  sample(): void {
    const { pid } = this;
    if (pid !== undefined) this.peak = Math.max(this.peak, residentBytes(pid));
  }
}

function supervise(service: Service, environment: Record<string, string>, folder?: string) {
  const args = service === 'scheduler' ? ['tick'] : [];
  return new Supervised(service, environment, undefined, args, folder);
}
