import { createHash } from 'node:crypto';

/**
 * What stands for ever as `by` of events: a person's e-mail address says who it is without a list,
 * so that an id that follows from it takes its place. Any other subject is an id already.
 */
export function opaqueIdOf(subject: string): string {
  const plain = subject.normalize('NFKC').trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(plain)) return subject;
  return `admin-${createHash('sha256').update(plain).digest('hex').slice(0, 20)}`;
}
