import { rmSync } from 'node:fs';

/** After the last test: stops what global-setup.mjs started, and nothing else. */
export default async function tearDown() {
  const started = globalThis.cliptallyTestPostgres;
  if (!started) return;
  await started.postgres.stop();
  rmSync(started.dataDir, { recursive: true, force: true });
}
