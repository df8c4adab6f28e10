import type { Fault } from '../fault.js';
import { CLOCKS } from './clocks.js';
import { DISKS } from './disks.js';
import { HEAVY } from './heavy.js';
import { KILLS } from './kills.js';
import { NETWORK } from './network.js';
import { POISON } from './poison.js';
import { REPLICAS } from './replicas.js';
import { SOURCES } from './sources.js';

export const FAULTS: readonly Fault[] = [
  ...KILLS,
  ...POISON,
  ...NETWORK,
  ...SOURCES,
  ...REPLICAS,
  ...DISKS,
  ...CLOCKS,
  ...HEAVY,
];
