import { until } from '../servers/index.js';
import { Supervised } from '../service-process.js';

const READY_MS = 60_000;
const GRACE_MS = 20_000;

/** The scraper as a process of its own, so that it can be killed as one. */
export class ScraperProcess extends Supervised {
  constructor(
    environment: Record<string, string>,
    private readonly port: number,
    onOutput: (text: string) => void,
  ) {
    super('scraper', { ...environment, HOST: '127.0.0.1', PORT: String(port) }, onOutput);
  }

  /** Resolves once it takes scrape requests. */
  async startAndWait(): Promise<void> {
    await this.start();
    const ready = () =>
      fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(2_000) });
    const said = () => this.output.trim().split('\n').slice(-3).join('\n');
    await until('the scraper to be ready', async () => (await ready()).ok, { withinMs: READY_MS, said }); // prettier-ignore
  }

  close(): Promise<void> {
    return this.stop(GRACE_MS);
  }
}

export async function startScraperProcess(
  ...given: ConstructorParameters<typeof ScraperProcess>
): Promise<ScraperProcess> {
  const scraper = new ScraperProcess(...given);
  try {
    await scraper.startAndWait();
    return scraper;
  } catch (error) {
    await scraper.close();
    throw error;
  }
}
