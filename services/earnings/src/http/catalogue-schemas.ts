import { z } from 'zod';
import { page } from './schemas.js';

export const CatalogueQuery = z.strictObject(page);
export const LeaderboardQuery = z.strictObject({
  ...page,
  by: z.enum(['earned', 'views']).default('earned').describe('What the ranks are by.'),
});

export type CatalogueQuery = z.output<typeof CatalogueQuery>;
export type LeaderboardQuery = z.output<typeof LeaderboardQuery>;
