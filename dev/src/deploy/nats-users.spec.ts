import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { usersConf } from './nats-users.js';
import { rightsDocument } from './rights-document.js';
import { root } from './testing/docker.js';

describe('what node deploy/nats/generate.mjs writes', () => {
  it.each([
    ['deploy/nats/users.conf', usersConf],
    ['docs/rights.md', rightsDocument],
  ])('%s is what the tables of rights make', (file, text) => {
    expect(readFileSync(`${root}${file}`, 'utf8')).toBe(text());
  });
});
