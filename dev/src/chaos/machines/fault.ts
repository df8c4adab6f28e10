import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from '../../simulation/chance.js';
import type { Load } from './load.js';
import type { Machines, WorldOptions } from './machines.js';
import type { Watcher } from './watcher.js';

export const FAMILIES = {
  kills: 'Processes that end or stand still',
  poison: 'What nobody can read, and what is gone',
  network: 'Networks',
  sources: 'Sources',
  replicas: 'Several at once',
  disks: 'Disks',
  clocks: 'Clocks',
  load: 'Load',
} as const;
type Family = keyof typeof FAMILIES;

/** Who has to know that a log was set back. */
export interface Around {
  load: Load;
  watcher: Watcher;
}

export interface Fault {
  name: string;
  family: Family;
  /** What is done, in a few words. */
  what: string;
  /** Why it cannot be done on this machine; null if it can. */
  impossible?: () => string | null;
  /** Machines of its own kind; those of most faults are alike. */
  world?: WorldOptions;
  /**
   * Does it under load, and heals it. Says what it has met, and throws if it has met nothing: a
   * fault that disturbs nobody shows nothing.
   */
  strike: (world: Machines, chance: Chance, around: Around) => Promise<string>;
}

/** A random moment, some hundred milliseconds from now. */
export const moment = (chance: Chance): Promise<void> => pause(chance.between(100, 1_500));
