import { describe, expect, it } from '@jest/globals';
import { derivedId, idOfTime, outcomeId } from './ids.js';

const AT = new Date('2026-01-10T06:00:00.000Z');

describe('derived ids', () => {
  // Pinned for ever: another value, and steps that are repeated would no longer be recognised.
  it('depend on their parts alone', () => {
    expect(derivedId('a', 1)).toBe('db50280d-dfb7-5eab-b105-7aba476c3d39');
    expect(idOfTime(AT, 'a', 1)).toBe('019ba67d-7b00-8eab-b105-7aba476c3d39');
    expect(outcomeId(idOfTime(AT, 'a', 1))).toBe('019ba67d-7b00-84ac-b1de-4e791dc53eec');
  });

  it('begin with the instant that they are given, or with that of their cause', () => {
    const request = idOfTime(AT, 'run', 'clip');
    for (const id of [
      request,
      outcomeId(request),
      idOfTime('019ba67d-7b00-7e6c-8f54-9a1de644815e', 'of version 7'),
    ]) {
      expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(AT.getTime());
      expect(id).toMatch(/^.{14}8.{4}[89ab]/);
    }
    expect(idOfTime(derivedId('no time'), 'x')).toBe(derivedId('x'));
  });

  it('of one instant differ in all that is no instant', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => idOfTime(AT, n));
    expect(new Set(ids.map((id) => id.slice(-16))).size).toBe(ids.length);
  });
});
