import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { fields, readConfiguration } from './configuration.js';
import { plaintextFaults } from './encryption.js';

const refused = (env: Record<string, string>) =>
  plaintextFaults(env).map((fault) => /^\w+/.exec(fault)![0]);

describe('what production refuses to send in plain text', () => {
  it.each([
    'postgres://u:p@db.example/d',
    // The driver of today takes these for verify-full, the next one as PostgreSQL's own does.
    'postgres://u:p@db.example/d?sslmode=require',
    'postgres://u:p@db.example/d?sslmode=verify-ca',
    'postgres://u:p@db.example/d?sslmode=no-verify',
    'postgres://u:p@db.example/d?ssl=true',
    'postgres://u:p@db.example/d?sslrootcert=ca.crt',
    // The last one counts, and so does the host of the query.
    'postgres://u:p@db.example/d?sslmode=verify-full&sslmode=disable',
    'postgres://u:p@localhost/d?host=db.example',
    'postgres://u:p@db.example/d?host=/var/run/postgresql',
    'postgres:///d',
    'postgres://u:p,q@db.example/d',
    'postgres://u:p@127.0.0.1.example/d',
    'postgres://u:p@10.0.0.5/d',
  ])('%s', (DATABASE_URL) => {
    expect(refused({ DATABASE_URL })).toEqual(['DATABASE_URL']);
  });

  it.each([
    { NATS_URL: 'nats://u:p@nats.example:4222' },
    { NATS_URL: 'tls://a.example:4222,nats://b.example:4222' },
    { NATS_URL: 'ws://a.example' },
    { KURRENTDB_URL: 'kurrentdb://u:p@log.example:2113?tls=false' },
    { KURRENTDB_URL: 'kurrentdb://u:p@log.example:2113?TLS=False' },
    { KURRENTDB_URL: 'kurrentdb://u:p@log.example:2113?tls_verify_cert=false' },
    { SMTP_URL: 'smtp://u:p@mail.example:587' },
    { SMTP_URL: 'smtps://u:p@mail.example?tls.rejectUnauthorized=false' },
    { SMTP_URL: 'smtp://mail.example?requireTLS=true&ignoreTLS=true' },
  ])('%j', (env) => {
    expect(refused(env)).toEqual(Object.keys(env));
  });

  it.each([
    { DATABASE_URL: 'postgres://u:p@db.example/d?sslmode=verify-full&sslrootcert=/ca.crt' },
    { DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/d' },
    { DATABASE_URL: 'postgres://u:p@[::1]/d' },
    { DATABASE_URL: 'postgres://u:p@localhost/d' },
    { DATABASE_URL: 'postgres://u@%2Fvar%2Frun%2Fpostgresql/d' },
    { NATS_URL: 'tls://u:p@a.example:4222,wss://b.example' },
    { KURRENTDB_URL: 'kurrentdb://u:p@log.example:2113' },
    { KURRENTDB_URL: 'kurrentdb+discover://log.example?tls=true&tlsVerifyCert=true' },
    { SMTP_URL: 'smtps://u:p@mail.example' },
    { SMTP_URL: 'smtp://mail.example:587?requireTLS=true' },
    { DATABASE_URL: 'postgres://u:p@postgres/d', PLAINTEXT_HOSTS: 'nats, Postgres' },
  ])('but not %j', (env) => {
    expect(refused(env)).toEqual([]);
  });

  it('says the way out and no secret, beside the other faults, and only in production', () => {
    const schema = z.object({ DATABASE_URL: fields.databaseUrl(), PORT: fields.port(1) });
    const env = { DATABASE_URL: 'postgres://u:sesame@db.example/d', PORT: '1' };
    expect(readConfiguration(schema, env).PORT).toBe(1);
    const production = { ...env, PORT: 'x', NODE_ENV: 'production' };
    expect(() => readConfiguration(schema, production)).toThrow(
      /PORT: must be a whole[^]*DATABASE_URL would send passwords[^]*add sslmode=verify-full[^]*PLAINTEXT_HOSTS\.$/,
    );
    expect(() => readConfiguration(schema, production)).not.toThrow(/sesame/);
    const one = { ...env, NODE_ENV: 'production', PLAINTEXT_HOSTS: 'db.example' };
    expect(readConfiguration(schema, one).PORT).toBe(1);
  });
});
