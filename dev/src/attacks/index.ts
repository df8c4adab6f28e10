import type { Attack } from './attack.js';
import { CALLERS } from './callers.js';
import { ERRANDS } from './errands.js';
import { FLOODS } from './floods.js';
import { LISTENERS } from './listeners.js';
import { MONEY } from './money.js';
import { NETWORK } from './network.js';
import { PAGES_AND_STARTS } from './pages.js';
import { PEOPLE } from './people.js';
import { ROWS } from './rows.js';
import { FORGERIES, SERVICES } from './services.js';
import { SUPPLY } from './supply.js';
import { TEXTS } from './texts.js';
import { TOKENS } from './tokens.js';

export const ATTACKS: readonly Attack[] = [
  ...TOKENS,
  ...CALLERS,
  ...LISTENERS,
  ...PAGES_AND_STARTS,
  ...NETWORK,
  ...ERRANDS,
  ...FLOODS,
  ...TEXTS,
  ...MONEY,
  ...PEOPLE,
  ...SERVICES,
  ...ROWS,
  ...SUPPLY,
  ...FORGERIES,
];
