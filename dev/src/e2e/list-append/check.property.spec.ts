import type { ExpectedRevision } from '@cliptally/event-store';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { check } from './check.js';
import type { Note, Operation, Seen } from './history.js';
import { type Draft, noted, invoke, ok, end } from './testing/drafts.js';

describe('the checker of histories, of any history', () => {
  /**
   * Clients of a log in memory, in any interleaving: each operation begins, takes effect at one
   * moment, and ends; or it is lost before or behind that.
   */
  const simulated = (choices: readonly number[]): { history: Note[]; log: Seen[] } => {
    const [drafts, log]: [Draft[], Seen[]] = [[], []];
    const open = new Map<string, { operation: Operation; effect: Draft | null; fate: number }>();
    const seenOf = (stream: string) => log.filter((event) => event.stream === stream);
    choices.forEach((choice, nth) => {
      const client = `c${choice % 4}`;
      const under = open.get(client);
      const stream = 'st'[(choice >> 2) % 2]!;
      if (!under) {
        const parts = [stream, ...((choice >> 4) % 3 === 0 ? [stream === 's' ? 't' : 's'] : [])].map((name, i) => ({
          stream: name, ids: [`${nth}-${i}-0`, `${nth}-${i}-1`].slice(0, 1 + ((choice >> 6) % 2)), expected: ((choice >> 7) % 2 === 0 ? 'any' : seenOf(name).length - 1) as ExpectedRevision,
        })); // prettier-ignore
        const from = log.length > 0 ? (choice >> 6) % log.length : 0;
        const kinds: Operation[] = [
          { kind: 'append', parts },
          { kind: 'append', parts },
          { kind: 'read-stream', stream },
          { kind: 'read-all', from },
        ];
        const operation = kinds[(choice >> 9) % 4]!;
        open.set(client, { operation, effect: null, fate: (choice >> 11) % 8 });
        drafts.push(invoke(client, operation));
      } else if (!under.effect) {
        const { operation } = under;
        if (operation.kind === 'read-stream')
          under.effect = ok(client, { seen: seenOf(operation.stream) });
        else if (operation.kind !== 'append')
          under.effect = ok(client, { seen: log.slice(operation.from) });
        else if (
          operation.parts.some(
            (part) =>
              typeof part.expected === 'number' && part.expected !== seenOf(part.stream).length - 1,
          )
        )
          under.effect = end(client, 'fail');
        else if (under.fate === 0) under.effect = end(client, 'info');
        else {
          const places = operation.parts.map((part) => {
            for (const id of part.ids)
              log.push({
                id,
                stream: part.stream,
                revision: seenOf(part.stream).length,
                position: log.length + 1,
              });
            return { revision: seenOf(part.stream).length - 1, position: log.length };
          });
          under.effect = under.fate === 1 ? end(client, 'info') : ok(client, { places });
        }
      } else {
        drafts.push(under.effect);
        open.delete(client);
      }
    });
    return { history: noted(drafts), log };
  };
  const choices = fc.array(fc.nat(2 ** 20), { minLength: 20, maxLength: 120 });

  it('finds nothing in any history of a log that is strictly serialisable', () => {
    fc.assert(
      fc.property(choices, (given) => {
        const { history, log } = simulated(given);
        expect(check(history, log)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('finds something as soon as an acknowledged event is taken out of the log', () => {
    let found = 0;
    fc.assert(
      fc.property(choices, fc.nat(), (given, nth) => {
        const { history, log } = simulated(given);
        const at = nth % Math.max(1, log.length - 1);
        const acknowledged = new Set(
          history.flatMap((note, i) =>
            note.type === 'ok' && note.places ? idsBefore(history, i) : [],
          ),
        );
        const one = log[at];
        if (!one || !acknowledged.has(one.id)) return;
        found++;
        expect(check(history, log.toSpliced(at, 1))).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(100);
  });
});

function idsBefore(history: readonly Note[], at: number): string[] {
  const { client } = history[at]!;
  const begun = history
    .slice(0, at)
    .findLast((note) => note.client === client && note.type === 'invoke');
  return begun?.type === 'invoke' && begun.operation.kind === 'append'
    ? begun.operation.parts.flatMap(({ ids }) => ids)
    : [];
}
