const HOUR_MS = 3_600_000;

/** The scraper answers from its cache for so long: a younger observation needs no scrape. */
export const SCRAPE_CACHE_TTL_MS = HOUR_MS;

/**
 * Least milliseconds from a clip's last outcome to its next scrape request: the cache's TTL after
 * an observation; 1, 2, 4 ... up to 24 hours after so many failures in a row.
 */
export const scrapeIntervalMs = (failures: number): number =>
  failures === 0 ? SCRAPE_CACHE_TTL_MS : Math.min(HOUR_MS * 2 ** (failures - 1), 24 * HOUR_MS);
