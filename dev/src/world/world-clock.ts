import type { ClockSetting } from '@cliptally/contracts';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Where the sample world stands: it goes on from there at the next start. */
export interface WorldTime {
  /** When the sample world began (epoch milliseconds). */
  start: number;
  /** Its present. */
  now: number;
}

/** The simulated clock as it was left, or a new one that begins at `begin`. */
export function readWorldTime(file: string, begin: number): WorldTime {
  try {
    const { start, now } = JSON.parse(readFileSync(file, 'utf8')) as WorldTime;
    if (Number.isSafeInteger(start) && Number.isSafeInteger(now)) return { start, now };
  } catch {
    // There is none yet, or a kill cut it off while it was written: a new one begins.
  }
  return { start: begin, now: begin };
}

export function saveWorldTime(file: string, time: WorldTime): void {
  writeFileSync(`${file}.new`, JSON.stringify(time));
  renameSync(`${file}.new`, file);
}

export const settingOf = (time: WorldTime, speed: number, real: number): ClockSetting => ({
  world: time.now,
  real,
  speed,
});
