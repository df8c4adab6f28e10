import type { OperatorsGate, PageFiles, Readiness } from '@cliptally/telemetry';
import type { Live } from '../live/live.js';
import type { Reading } from '../status/reading.js';

export const PARTS = Symbol('parts');

/** What the controllers need of the service. */
export interface Parts {
  gate: OperatorsGate;
  reading: Reading;
  live: Live;
  files: PageFiles;
  earningsUrl: string | null;
  /** Prometheus's text format. */
  metrics(): Promise<string>;
  /** Why figures cannot be given yet, as a sentence; null once the projection has caught up. */
  unready(): string | null;
  readiness: Readiness;
}
