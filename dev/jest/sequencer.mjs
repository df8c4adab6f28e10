/**
 * The longest suites first, so that no worker ends with one of them alone. Jest orders by the times
 * it measured, and a fresh checkout has none.
 */
import Sequencer from '@jest/test-sequencer';

/** Each takes half a minute or more; the longest first. */
const LONGEST = [
  'dev/src/simulation/simulation.spec.ts',
  'libs/event-store-kurrentdb/src/kurrentdb-event-store.int.spec.ts',
  'web/console/admin/admin.int.spec.ts',
  'web/console/creator/creator.int.spec.ts',
  'web/console/brand/brand.int.spec.ts',
  'web/console/brand/brand-day.int.spec.ts',
  'dev/src/e2e/scraper-killed.e2e.spec.ts',
  'dev/src/e2e/three-ticks.e2e.spec.ts',
  'dev/src/e2e/machines.e2e.spec.ts',
  'dev/src/operations/rules.spec.ts',
  'services/earnings/src/commands/races.int.spec.ts',
  'services/earnings/src/settlement/settler.int.spec.ts',
  'libs/event-store/src/postgres/postgres-event-store.int.spec.ts',
  'services/earnings/src/domain/settlement.property.spec.ts',
  'libs/event-store-kurrentdb/src/kurrentdb-faults.int.spec.ts',
];

export default class LongestFirst extends (Sequencer.default ?? Sequencer) {
  async sort(tests) {
    const place = ({ path }) => {
      const at = LONGEST.findIndex((name) => path.endsWith(name));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(tests)).toSorted((a, b) => place(a) - place(b));
  }
}
