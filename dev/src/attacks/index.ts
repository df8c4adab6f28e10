import type { Attack } from './attack.js';
import { CALLERS } from './callers.js';
import { MONEY } from './money.js';
import { NETWORK } from './network.js';
import { PAGES_AND_STARTS } from './pages.js';
import { ROWS } from './rows.js';
import { FORGERIES, SERVICES } from './services.js';
import { TEXTS } from './texts.js';
import { TOKENS } from './tokens.js';

export const ATTACKS: readonly Attack[] = [
  ...TOKENS,
  ...CALLERS,
  ...PAGES_AND_STARTS,
  ...NETWORK,
  ...TEXTS,
  ...MONEY,
  ...SERVICES,
  ...ROWS,
  ...FORGERIES,
];
