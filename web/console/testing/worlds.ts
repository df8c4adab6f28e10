import { ManualClock } from '@cliptally/contracts';
import type { Role } from '@cliptally/contracts/api';
import { aMonthForAdmins, startAdminWorld } from './admin-world.js';
import { aBusyBrand } from './brand-world.js';
import { startConsoleWorld, type ConsoleWorld } from './console-world.js';
import { aMonthOfAnn, startCreatorWorld } from './creator-world.js';

interface FullWorld {
  as: [Role, string];
  start: () => Promise<ConsoleWorld>;
  fill: (world: ConsoleWorld) => Promise<void>;
}

/** By role: somebody, and a world in which all screens of that role are full. */
export const WORLDS: Record<Role, FullWorld> = {
  creator: { as: ['creator', 'ann'], start: startCreatorWorld, fill: aMonthOfAnn },
  brand: {
    as: ['brand', 'acme'],
    start: () => startConsoleWorld({ clock: new ManualClock('2026-02-01T08:00:00Z') }),
    fill: aBusyBrand,
  },
  admin: { as: ['admin', 'root'], start: startAdminWorld, fill: aMonthForAdmins },
};
