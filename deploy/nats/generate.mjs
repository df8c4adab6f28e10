/**
 * Writes users.conf beside it, and docs/rights.md, from dev/src/deploy/nats-rights.ts, after a
 * build. A test compares them.
 */
import { writeFileSync } from 'node:fs';
import { usersConf } from '../../dev/dist/deploy/nats-users.js';
import { rightsDocument } from '../../dev/dist/deploy/rights-document.js';

writeFileSync(new URL('users.conf', import.meta.url), usersConf());
writeFileSync(new URL('../../docs/rights.md', import.meta.url), rightsDocument());
