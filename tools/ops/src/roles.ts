/** Services that have a role of their own, which is also the name of the role. */
export const ROLES = ['relay', 'scheduler', 'scraper', 'earnings', 'monitor'] as const;
export type Role = (typeof ROLES)[number];
