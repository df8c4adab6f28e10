import type { Projection } from '@cliptally/messaging';
import { UsageError } from '@cliptally/telemetry';

/** Each one loads its service only. */
const PROJECTIONS: Record<string, () => Promise<Projection>> = {
  earnings: async () => (await import('@cliptally/earnings')).earningsProjection,
  monitor: async () => (await import('@cliptally/monitor')).monitorProjection,
  scheduler: async () => (await import('@cliptally/scheduler')).schedulerProjection,
};
const PROJECTION_NAMES = Object.keys(PROJECTIONS).join(', ');

/** Throws a UsageError that begins with `usage`. */
export async function projectionOf(name: string | undefined, usage: string): Promise<Projection> {
  const load = Object.hasOwn(PROJECTIONS, name ?? '') ? PROJECTIONS[name!] : undefined;
  if (!load) throw new UsageError(`${usage}: one of ${PROJECTION_NAMES}.`);
  return load();
}
