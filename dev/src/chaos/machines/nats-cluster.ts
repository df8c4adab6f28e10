import { JETSTREAM_STREAM } from '@cliptally/contracts';
import type { Nats } from '@cliptally/messaging';
import { join } from 'node:path';
import { freePort, until } from '../../servers/index.js';
import { NatsVictim } from '../victims.js';
import { Proxy } from './proxy.js';

const NODES = [0, 1, 2] as const;
/** Nobody listens there: routes go by the proxies alone. */
const NOWHERE = '127.0.0.1:9';

/** Three nats-servers as one; between any two of them a proxy each way. */
export class NatsCluster {
  private constructor(
    readonly nodes: readonly NatsVictim[],
    /** By the node that they come from, and the one that they lead to. */
    private readonly routes: readonly (readonly Proxy[])[],
  ) {}

  static async start(binary: string, dir: string): Promise<NatsCluster> {
    const ports = await Promise.all(NODES.map(() => freePort()));
    const routes = await Promise.all(
      NODES.map(() => Promise.all(ports.map((port) => Proxy.open(port)))),
    );
    const configOf = (node: number) => {
      const others = routes[node]!.filter((_, other) => other !== node);
      const urls = others.map(({ port }) => `nats://127.0.0.1:${port}`).join(', ');
      return `server_name: n${node}
cluster { name: cliptally, listen: "127.0.0.1:${ports[node]}", advertise: "${NOWHERE}", no_advertise: true, routes: [${urls}] }
`;
    };
    // None is ready before they have a leader.
    const nodes = await Promise.all(
      NODES.map((node) =>
        NatsVictim.start({
          binary,
          dataDir: join(dir, `nats-${node}`),
          config: { more: configOf(node) },
        }),
      ),
    );
    return new NatsCluster(nodes, routes);
  }

  /** Of all its nodes, as services take it. */
  get url(): string {
    return this.nodes.map(({ url }) => url).join(',');
  }

  /** The node that leads the stream, once there is one. */
  async leader({ manager }: Nats): Promise<number> {
    const led = async () => (await manager.streams.info(JETSTREAM_STREAM)).cluster?.leader;
    return Number((await until('a leader of the stream', led)).slice(1));
  }

  /** All routes from and to a node. */
  routesOf(node: number): Proxy[] {
    return this.routes.flatMap((row, from) =>
      row.filter((_, to) => from !== to && (from === node || to === node)),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all(this.routes.flat().map((route) => route.close()));
  }
}
