import { describe, expect, it } from '@jest/globals';
import { isTransientInPostgres, isTransientSqlState } from './postgres-faults.js';

const coded = (code: unknown, message = 'x') => Object.assign(new Error(message), { code });

describe('a fault of PostgreSQL passes', () => {
  it.each([
    ['a connection that broke', coded('08006'), true],
    ['a deadlock', coded('40P01'), true],
    ['too many connections', coded('53300'), true],
    ['a shutdown', coded('57P01'), true],
    ['a lock that was not had in time', coded('55P03'), true],
    ['an idle transaction that was ended', coded('25P03'), true],
    ['a socket that was reset', coded('ECONNRESET'), true],
    ['a connection that pg gave up', new Error('Connection terminated unexpectedly'), true],
    [
      'one of several addresses that refused',
      new AggregateError([coded('EHOSTUNREACH'), coded('ECONNREFUSED')]),
      true,
    ],
    ['a unique key', coded('23505'), false],
    ['a transaction that only reads', coded('25006'), false],
    ['a number for a code, as of an abort', coded(20), false],
    ['an error of the program', new TypeError('x'), false],
    ['no error', '40P01', false],
  ])('%s: %s', (_, error, passes) => {
    expect(isTransientInPostgres(error)).toBe(passes);
  });

  it('and the network is no answer of PostgreSQL', () => {
    expect(isTransientSqlState('ECONNRESET')).toBe(false);
    expect(isTransientSqlState('57P03')).toBe(true);
  });
});
