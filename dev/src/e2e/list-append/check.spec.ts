import type { ExpectedRevision } from '@cliptally/event-store';
import { describe, expect, it } from '@jest/globals';
import { check, type AnomalyKind } from './check.js';
import type { Seen } from './history.js';
import { type Draft, noted, invoke, ok, end } from './testing/drafts.js';

const append = (
  client: string,
  stream: string,
  ids: string[],
  expected: ExpectedRevision = 'any',
) => invoke(client, { kind: 'append', parts: [{ stream, ids, expected }] });

/** The log that has these events, as `stream:id`. */
function logOf(...events: string[]): Seen[] {
  const next = new Map<string, number>();
  return events.map((event, i) => {
    const [stream, id] = event.split(':') as [string, string];
    const revision = next.get(stream) ?? 0;
    next.set(stream, revision + 1);
    return { id, stream, revision, position: i + 1 };
  });
}
const kindsOf = (history: readonly Draft[], log: Seen[]): AnomalyKind[] => [
  ...new Set(check(noted(history), log).map(({ kind }) => kind)),
];

/** Two appends one after the other, and readers after them. */
const LOG = logOf('s:a', 's:b', 't:c');
const written = [
  append('w', 's', ['a', 'b'], 'none'),
  ok('w', { places: [{ revision: 1, position: 2 }] }),
  append('w', 't', ['c'], 'none'),
  ok('w'),
];
const readAll = (seen: Seen[], from = 0, kind: 'read-all' | 'subscribe' = 'read-all') => [
  invoke('r', { kind, from }),
  ok('r', { seen }),
];
const readStream = (stream: string, seen: Seen[]) => [
  invoke('r', { kind: 'read-stream', stream }),
  ok('r', { seen }),
];
const two = {
  kind: 'append' as const,
  parts: [
    { stream: 's', ids: ['a'], expected: 'any' as const },
    { stream: 't', ids: ['b'], expected: 'any' as const },
  ],
};

describe('the checker of histories', () => {
  it('finds nothing in a history that nothing contradicts', () => {
    const reads = [
      ...readAll(LOG),
      ...readAll(LOG.slice(2), 2),
      ...readStream('s', LOG.slice(0, 2)),
      ...readStream('u', []),
      ...readAll(LOG.slice(0, 1), 0, 'subscribe'),
    ];
    expect(kindsOf([...written, ...reads], LOG)).toEqual([]);
    // An append that nobody knows the end of may be there, or not.
    expect(kindsOf([append('w', 's', ['a']), end('w', 'info')], [])).toEqual([]);
    expect(kindsOf([append('w', 's', ['a'])], logOf('s:a'))).toEqual([]);
    // A read beside an append may see it, or not.
    expect(
      kindsOf(
        [append('w', 's', ['a']), ...readAll([]), ...readAll(logOf('s:a')), ok('w')],
        logOf('s:a'),
      ),
    ).toEqual([]);
    expect(kindsOf([append('w', 's', ['a'], 3), end('w', 'fail')], [])).toEqual([]);
  });

  it.each<[AnomalyKind, string, Draft[], Seen[]]>([
    ['lost', 'an acknowledged append is nowhere', [append('w', 's', ['a']), ok('w')], []],
    [
      'lost',
      'a part of an acknowledged append is nowhere',
      [append('w', 's', ['a', 'b']), ok('w')],
      logOf('s:a'),
    ],
    [
      'duplicate',
      'an event stands twice in the log',
      [append('w', 's', ['a']), ok('w')],
      logOf('s:a', 's:a'),
    ],
    [
      'duplicate',
      'a subscriber gets an event twice',
      [...written, ...readAll([LOG[0]!, LOG[0]!, LOG[1]!, LOG[2]!], 0, 'subscribe')],
      LOG,
    ],
    [
      'phantom',
      'a refused append is there',
      [append('w', 's', ['a'], 3), end('w', 'fail')],
      logOf('s:a'),
    ],
    ['phantom', 'nobody has appended it', [], logOf('s:a')],
    ['torn', 'half of an append is there', [append('w', 's', ['a', 'b'])], logOf('s:a')],
    ['torn', 'half of an append over two streams is there', [invoke('w', two)], logOf('s:a')],
    [
      'torn',
      'a reader sees half of an append',
      [invoke('w', two), ...readAll(logOf('s:a')), ok('w')],
      logOf('s:a', 't:b'),
    ],
    [
      'misplaced',
      'an append in another order',
      [append('w', 's', ['a', 'b']), ok('w')],
      logOf('s:b', 's:a'),
    ],
    [
      'misplaced',
      'another append in the middle of one',
      [append('w', 's', ['a', 'b']), append('v', 't', ['c']), ok('w'), ok('v')],
      logOf('s:a', 't:c', 's:b'),
    ],
    ['misplaced', 'an append in another stream', [append('w', 's', ['a']), ok('w')], logOf('t:a')],
    [
      'misplaced',
      'the writer got another revision',
      [append('w', 's', ['a']), ok('w', { places: [{ revision: 1, position: 1 }] })],
      logOf('s:a'),
    ],
    [
      'misplaced',
      'the writer got a position before its own',
      [append('w', 's', ['a']), ok('w', { places: [{ revision: 0, position: 0 }] })],
      logOf('s:a'),
    ],
    [
      'disordered',
      'a revision is left out',
      [append('w', 's', ['a'])],
      [{ ...LOG[0]!, revision: 1 }],
    ],
    [
      'disordered',
      'a position comes twice',
      written,
      LOG.map((event) => ({ ...event, position: 1 })),
    ],
    [
      'unexpected',
      'a stream that should not exist does',
      [append('w', 's', ['a']), ok('w'), append('w', 's', ['b'], 'none'), ok('w')],
      logOf('s:a', 's:b'),
    ],
    [
      'unexpected',
      'a stream is further on',
      [append('v', 's', ['a', 'b']), ok('v'), append('w', 's', ['c'], 0), ok('w')],
      logOf('s:a', 's:b', 's:c'),
    ],
    [
      'unexpected',
      'a stream that should exist does not',
      [append('w', 's', ['a'], 'exists'), end('w', 'info')],
      logOf('s:a'),
    ],
    [
      'no-prefix',
      'a read of a stream lacks its beginning',
      [...written, ...readStream('s', [LOG[1]!])],
      LOG,
    ],
    [
      'no-prefix',
      'a read of a stream has another order',
      [...written, ...readStream('s', [LOG[1]!, LOG[0]!])],
      LOG,
    ],
    [
      'no-prefix',
      'a read has what is no longer there',
      [append('w', 's', ['a']), ...readStream('s', LOG.slice(0, 1)), end('w', 'info')],
      [],
    ],
    [
      'gap',
      'a reader passes an event that becomes visible later',
      [
        append('v', 's', ['a']),
        append('w', 't', ['b']),
        ok('w'),
        ...readAll([logOf('s:a', 't:b')[1]!]),
        ok('v'),
      ],
      logOf('s:a', 't:b'),
    ],
    [
      'gap',
      'a subscriber passes an event',
      [...written, ...readAll([LOG[0]!, LOG[2]!], 0, 'subscribe')],
      LOG,
    ],
    [
      'gap',
      'two readers have two orders',
      [...written, ...readAll(LOG), ...readAll([LOG[2]!, LOG[0]!, LOG[1]!])],
      LOG,
    ],
    [
      'gap',
      'a reader sees a position that the log does not have',
      [...written, ...readAll(LOG.map((event) => ({ ...event, position: event.position + 1 })))],
      LOG,
    ],
    [
      'stale',
      'a read lacks what was acknowledged before',
      [...written, ...readAll(LOG.slice(0, 2))],
      LOG,
    ],
    [
      'stale',
      'a read of a stream lacks what was acknowledged before',
      [...written, ...readStream('t', [])],
      LOG,
    ],
    [
      'stale',
      'a read lacks what another has read',
      [append('w', 's', ['a']), ...readAll(logOf('s:a')), ...readStream('s', [])],
      logOf('s:a'),
    ],
    [
      'future',
      'a read has what was appended after it',
      [...readAll(logOf('s:a')), append('w', 's', ['a']), ok('w')],
      logOf('s:a'),
    ],
    [
      'real-time',
      'an append stands before one that was acknowledged before it began',
      [append('w', 's', ['a']), ok('w'), append('v', 't', ['b']), ok('v')],
      logOf('t:b', 's:a'),
    ],
  ])('finds "%s": %s', (kind, _, history, log) => {
    expect(kindsOf(history, log)).toContain(kind);
  });

  it('refuses what is no history', () => {
    expect(() => check(noted([ok('w')]), [])).toThrow('has not begun');
    expect(() => check(noted([append('w', 's', ['a']), append('w', 's', ['b'])]), [])).toThrow(
      'has not ended',
    );
  });
});
