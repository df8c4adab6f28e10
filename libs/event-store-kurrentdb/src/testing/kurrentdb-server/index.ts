import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import gossipGrpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb.js';
import gossipPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import type { ClusterInfo } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb.js';
import featuresGrpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import featuresPb from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import type { SupportedMethods } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import streamsGrpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import type { IStreamsServer } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import sessionsGrpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import type { IStreamsServiceServer } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import { append, appendSession, batchAppend, type Limits, type Treatment } from './appending.js';
import { TestLog } from './log.js';
import { uuidOf } from './messages.js';
import { read } from './reading.js';

export interface KurrentDbTestServerOptions extends Partial<Limits> {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Version that the server reports; before 25.1 it has no sessions over several streams. */
  version?: string;
}

export interface KurrentDbTestServer {
  readonly url: string;
  readonly port: number;
  readonly log: TestLog;
  /** Asked before each session of appends, with its number from 1; for tests of faults. */
  treat: (nth: number) => Treatment;
  /** Positions from which subscriptions were asked for; null from the beginning. */
  readonly subscribedFrom: (number | null)[];
  /** Goes away at once, with every connection; the log stays. */
  stop(): Promise<void>;
  /** Goes away if it is there, and comes back at the same port with the same log. */
  restart(): Promise<void>;
}

/**
 * For tests: a KurrentDB of one node that keeps its log in memory and speaks the client's own
 * protocol over a real socket.
 */
export async function startKurrentDbTestServer(
  options: KurrentDbTestServerOptions = {},
): Promise<KurrentDbTestServer> {
  const log = new TestLog();
  const limits: Limits = {
    maxAppendBytes: options.maxAppendBytes ?? 256 * 2 ** 20,
    maxEventBytes: options.maxEventBytes ?? 16 * 2 ** 20,
  };
  let sessions = 0;
  let server: Server | null = null;

  const start = async (port: number) => {
    server = new Server({ 'grpc.max_receive_message_length': 64 * 2 ** 20 });
    addServices(server);
    return new Promise<number>((resolve, reject) => {
      server!.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  };
  const stop = async () => {
    server?.forceShutdown();
    server = null;
    log.wake();
  };
  const addServices = (to: Server) => {
    const streams: Pick<IStreamsServer, 'read' | 'append' | 'batchAppend'> = {
      read: (call) => {
        const options = call.request.getOptions();
        const from = options?.getAll()?.getPosition();
        if (options?.hasSubscription())
          result.subscribedFrom.push(from ? Number(from.getCommitPosition()) : null);
        void read(log, call);
      },
      append: (call, reply) => void append(log, call, reply),
      batchAppend: (call) => batchAppend(log, call),
    };
    to.addService(streamsGrpc.StreamsService, streams);
    const appends: Pick<IStreamsServiceServer, 'appendSession'> = {
      appendSession: (call, reply) =>
        void appendSession(log, limits, () => result.treat(++sessions), call, reply),
    };
    if (hasSessions(options.version)) to.addService(sessionsGrpc.StreamsServiceService, appends);
    to.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (
        _: ServerUnaryCall<unknown, SupportedMethods>,
        reply: sendUnaryData<SupportedMethods>,
      ) => reply(null, supported(options.version)),
    });
    to.addService(gossipGrpc.GossipService, {
      read: (_: ServerUnaryCall<unknown, ClusterInfo>, reply: sendUnaryData<ClusterInfo>) =>
        reply(null, cluster(port)),
    });
  };

  const port = await start(options.port ?? 0);
  const result: KurrentDbTestServer = {
    port,
    log,
    url: `kurrentdb://127.0.0.1:${port}?tls=false`,
    treat: () => 'answer',
    subscribedFrom: [],
    stop,
    restart: async () => {
      await stop();
      await start(port);
    },
  };
  return result;
}

const NEWEST = '26.1.0';
const hasSessions = (version = NEWEST) => Number(version.split('.').slice(0, 2).join('.')) >= 25.1;

function supported(version = NEWEST): SupportedMethods {
  const first = ['read', 'append', 'batchappend'].map(
    (name) => ['event_store.client.streams.streams', name] as const,
  );
  const second = hasSessions(version)
    ? [['kurrentdb.protocol.v2.streams.streamsservice', 'appendsession'] as const]
    : [];
  const methods = new featuresPb.SupportedMethods().setEventStoreServerVersion(version);
  for (const [service, name] of [...first, ...second])
    methods.addMethods(
      new featuresPb.SupportedMethod().setServiceName(service).setMethodName(name),
    );
  return methods;
}

function cluster(port: number): ClusterInfo {
  const leader = new gossipPb.MemberInfo()
    .setInstanceId(uuidOf('00000000-0000-4000-8000-000000000001'))
    .setState(gossipPb.MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new gossipPb.EndPoint().setAddress('127.0.0.1').setPort(port));
  return new gossipPb.ClusterInfo().setMembersList([leader]);
}
