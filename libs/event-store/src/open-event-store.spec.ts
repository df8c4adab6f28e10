import { describe, expect, it, jest } from '@jest/globals';

describe('opening the log', () => {
  it("loads KurrentDB's client only where it is chosen", async () => {
    const load = jest.fn();
    jest.unstable_mockModule('@kurrent/kurrentdb-client', () => {
      load();
      const connectionString = () => ({ dispose: async () => {} });
      const stubs = [
        'eventTypeFilter',
        'jsonEvent',
        'streamNameFilter',
        'BACKWARDS',
        'END',
        'FORWARDS',
        'START',
      ];
      return {
        KurrentDBClient: { connectionString },
        ...Object.fromEntries(stubs.map((name) => [name, name])),
      };
    });
    const { openEventStore } = await import('./index.js');
    expect(load).not.toHaveBeenCalled();
    const store = await openEventStore({
      eventStore: 'kurrentdb',
      databaseUrl: '',
      kurrentdbUrl: 'kurrentdb://localhost:2113',
    });
    expect(load).toHaveBeenCalledTimes(1);
    await store.close();
  });

  it('says what is missing', async () => {
    const { openEventStore } = await import('./index.js');
    await expect(openEventStore({ eventStore: 'kurrentdb', databaseUrl: '' })).rejects.toThrow(
      'needs KURRENTDB_URL',
    );
  });
});
