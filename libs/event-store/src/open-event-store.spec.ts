import { beforeEach, describe, expect, it, jest } from '@jest/globals';

const inKurrentDb = {
  eventStore: 'kurrentdb' as const,
  databaseUrl: '',
  kurrentdbUrl: 'kurrentdb://localhost:2113',
};

describe('opening the log', () => {
  beforeEach(() => {
    jest.resetModules();
  });

  it("loads KurrentDB's client only if it is chosen", async () => {
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
    const store = await openEventStore(inKurrentDb);
    expect(load).toHaveBeenCalledTimes(1);
    await store.close();
  });

  it('says what is missing', async () => {
    const { openEventStore } = await import('./index.js');
    await expect(openEventStore({ eventStore: 'kurrentdb', databaseUrl: '' })).rejects.toThrow(
      'needs KURRENTDB_URL',
    );
  });

  it.each([
    ['@cliptally/event-store-kurrentdb', /needs the package .* which is not installed/],
    ['@kurrent/bridge', /^Cannot find package '@kurrent\/bridge'/],
  ])('says so if %s is not installed', async (absent, sentence) => {
    jest.unstable_mockModule('@cliptally/event-store-kurrentdb', () => {
      const message = `Cannot find package '${absent}' imported from /app/a.js`;
      throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
    });
    const { openEventStore } = await import('./index.js');
    await expect(openEventStore(inKurrentDb)).rejects.toThrow(sentence);
  });
});
