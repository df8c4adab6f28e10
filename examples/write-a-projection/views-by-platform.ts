/** A read model: how often each platform was scraped, and the views that were found. */
import { upsert, added, type Projection } from '@cliptally/messaging';

export const viewsByPlatform: Projection = {
  // Its schema in PostgreSQL, which holds its tables and its checkpoint.
  name: 'views_by_platform',
  version: 1,
  types: ['ViewsRecorded'],
  tables: `create table platform (
    platform text primary key, observations bigint not null, views bigint not null
  )`,
  // Everything in it follows from the events: no clock, no randomness, no other reads.
  fold() {
    const rows = new Map<string, { platform: string; observations: number; views: number }>();
    return {
      // Rows are only added to, below. A fold that replaces rows would read them here.
      load: async () => {},
      take(event) {
        if (event.type !== 'ViewsRecorded') return;
        const { platform, views } = event.data;
        const row = rows.get(platform) ?? { platform, observations: 0, views: 0 };
        row.observations += 1;
        row.views += views;
        rows.set(platform, row);
      },
      get size() {
        return rows.size;
      },
      // In one transaction with the checkpoint, so that each event counts once.
      save: (db) => upsert(db, 'platform', ['platform'], rows.values(), added),
    };
  },
};
