import {
  changePersonalTexts,
  isSealed,
  PERSONAL_FIELDS,
  SEALED,
  type AnyEvent,
  type NewEvent,
} from '@cliptally/contracts';
import type { StreamAppend } from '../port.js';
import { nonceOf, openBytes, sealBytes } from './aead.js';
import type { DataKey, PersonalKeys } from './keys.js';

/** What is read in place of a text whose key is destroyed. */
export const ERASED = '[erased]';

/** The same of one that was changed where it is kept. */
const UNREADABLE = '[unreadable]';

const boundTo = (keyId: string): Buffer => Buffer.from(`cliptally personal text ${keyId}`);
const KEY_ID = SEALED.length;
const CONTENT = KEY_ID + 37;

const keyIdOf = (sealed: string): string => sealed.slice(KEY_ID, CONTENT - 1);

/**
 * `sealed:v1:<id of the key>:<nonce, content and tag in base64url>`. Equal texts of one person are
 * sealed alike: an auditor without keys sees that a payout goes where its creator said.
 */
function sealText(text: string, { id, key }: DataKey): string {
  return `${SEALED}${id}:${sealBytes(key, text, boundTo(id), nonceOf(key, text)).toString('base64url')}`;
}

function openText(sealed: string, keys: ReadonlyMap<string, Buffer>): string {
  const id = keyIdOf(sealed);
  const key = keys.get(id);
  if (!key) return ERASED;
  try {
    const content = Buffer.from(sealed.slice(CONTENT), 'base64url');
    return openBytes(key, content, boundTo(id)).toString('utf8');
  } catch {
    return UNREADABLE;
  }
}

/** The same appends with their personal texts sealed; what has none stays as it is. */
export async function sealAppends(
  appends: readonly StreamAppend[],
  keys: Pick<PersonalKeys, 'toSeal'>,
): Promise<readonly StreamAppend[]> {
  const personal = appends.filter(({ events }) =>
    events.some(({ type }) => PERSONAL_FIELDS.has(type)),
  );
  const subjects = new Set<string>();
  for (const { events } of personal)
    for (const { type, data } of events)
      changePersonalTexts(type, data, (text, subject) => {
        if (!isSealed(text)) subjects.add(subject);
        return text;
      });
  if (subjects.size === 0) return appends;
  const found = await keys.toSeal([...subjects]);
  const seal = (event: NewEvent): NewEvent => {
    if (!PERSONAL_FIELDS.has(event.type)) return event;
    const data = structuredClone(event.data);
    changePersonalTexts(event.type, data, (text, subject) => {
      if (isSealed(text)) return text;
      const key = found.get(subject);
      return key ? sealText(text, key) : ERASED;
    });
    return { ...event, data };
  };
  return appends.map((append) => ({ ...append, events: append.events.map(seal) }));
}

/** Opens every sealed text anywhere in a value, in place, and gives the value. */
export type OpenTexts = <T>(value: T) => Promise<T>;

/** Opens texts of events and rows. Keys that it was given before are not asked for again. */
export class Opener {
  readonly #keys: Pick<PersonalKeys, 'toOpen'>;
  readonly #known = new Map<string, Buffer>();
  readonly #asked = new Set<string>();

  constructor(keys: Pick<PersonalKeys, 'toOpen'>) {
    this.#keys = keys;
  }

  /** Opens every sealed text anywhere in the value, in place, and gives the value. */
  async open<T>(value: T): Promise<T> {
    const missing = new Set<string>();
    eachSealed(value, (text) => {
      if (!this.#asked.has(keyIdOf(text))) missing.add(keyIdOf(text));
      return text;
    });
    if (missing.size > 0) {
      for (const [id, key] of await this.#keys.toOpen([...missing])) this.#known.set(id, key);
      for (const id of missing) this.#asked.add(id);
    }
    return this.#asked.size === 0
      ? value
      : (eachSealed(value, (text) => openText(text, this.#known)) as T);
  }

  /** Whether the event has anything to be opened. */
  static concerns({ type }: Pick<AnyEvent, 'type'>): boolean {
    return PERSONAL_FIELDS.has(type);
  }
}

const isWhole = (value: object): boolean => value instanceof Date || ArrayBuffer.isView(value);

/** Replaces each sealed text in place; gives the value, or what replaces it. */
function eachSealed(value: unknown, change: (sealed: string) => string): unknown {
  if (typeof value === 'string') return isSealed(value) ? change(value) : value;
  if (value === null || typeof value !== 'object' || isWhole(value)) return value;
  const inner = value as Record<string, unknown>;
  for (const name of Object.keys(inner)) {
    const one = inner[name];
    if (typeof one !== 'string' && typeof one !== 'object') continue;
    const changed = eachSealed(one, change);
    if (changed !== one) inner[name] = changed;
  }
  return value;
}
