/** An official KurrentDB in a container, or the reason why there is none. */
export type KurrentDbContainer = { url: string; stop(): Promise<void> } | { missing: string };

const IMAGE = 'kurrentplatform/kurrentdb:26.1.1';
const PORT = 2113;

/** The part of testcontainers that is used here; the package is not among this project's own. */
interface Testcontainers {
  GenericContainer: new (image: string) => Container;
  Wait: { forHttp(path: string, port: number): { forStatusCode(code: number): unknown } };
}
interface Container {
  withEnvironment(variables: Record<string, string>): Container;
  withExposedPorts(port: number): Container;
  withWaitStrategy(strategy: unknown): Container;
  withStartupTimeout(ms: number): Container;
  start(): Promise<{
    getHost(): string;
    getMappedPort(port: number): number;
    stop(): Promise<unknown>;
  }>;
}

/** Only if TEST_KURRENTDB=1 asks for it, because the image has to be pulled. */
export async function startKurrentDbContainer(): Promise<KurrentDbContainer> {
  if (process.env.TEST_KURRENTDB !== '1')
    return { missing: `set TEST_KURRENTDB=1 where ${IMAGE} can be pulled` };
  const testcontainers = await loadTestcontainers();
  if (!testcontainers) return { missing: 'install the package testcontainers' };
  const { GenericContainer, Wait } = testcontainers;
  const started = await new GenericContainer(IMAGE)
    .withEnvironment({ KURRENTDB_INSECURE: 'true', KURRENTDB_MEM_DB: 'true' })
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/health/live', PORT).forStatusCode(204))
    .withStartupTimeout(180_000)
    .start();
  return {
    url: `kurrentdb://${started.getHost()}:${started.getMappedPort(PORT)}?tls=false`,
    stop: async () => void (await started.stop()),
  };
}

async function loadTestcontainers(): Promise<Testcontainers | null> {
  const name: string = 'testcontainers';
  try {
    return (await import(name)) as Testcontainers;
  } catch {
    return null;
  }
}
