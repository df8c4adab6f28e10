import { shortened } from '@cliptally/contracts';
import type { Actor } from './actors.js';
import type { Post } from './post.js';

/** What a row says of the post beside its figures; `at` gives what the row has at a path. */
export function postIn(at: (path: string) => unknown, actor: Actor): Post {
  const first = (paths: readonly string[], read: (value: unknown) => string | undefined) =>
    paths.map((path) => read(at(path))).find((value) => value !== undefined) ?? null;
  const name = first(actor.author, handle);
  const externalId = first(actor.authorId, idText);
  const texts = actor.caption.map(at);
  const caption = texts.filter((text) => typeof text === 'string').join('\n');
  return {
    account: name === null && externalId === null ? null : { handle: name, externalId },
    bio: first(actor.bio, (value) => (typeof value === 'string' ? value : undefined)),
    caption: texts.some((text) => typeof text === 'string')
      ? { text: caption, whole: typeof texts[0] === 'string' }
      : null,
  };
}

/**
 * The handle in a text that is one, or an address that ends in one; undefined for anything else.
 */
function handle(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const plain = text.includes('/') ? /\/@([^/?#]+)/.exec(text)?.[1] : text.replace(/^@/, '');
  return plain ? shortened(unescaped(plain), 200) : undefined;
}

/** YouTube's handles come as they stand in addresses. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An id, or an address that ends in one: `youtube.com/channel/UC...`. */
function idText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') return undefined;
  const id = value.includes('/') ? /\/channel\/([\w-]+)/.exec(value)?.[1] : value.trim();
  return id ? shortened(id, 200) : undefined;
}
