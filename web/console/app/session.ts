import type { Role } from '@cliptally/contracts/api';
import { Store, useStore } from '../../ui/store.js';
import { SIGNED_OUT_PATH } from './paths.js';

/** Who is signed in. It lives in memory alone: a reload signs in anew. */
export interface Session {
  token: string;
  role: Role;
  /** Id of the brand or creator; of an admin, its name. */
  subject: string;
}

export const session = new Store<Session | null>(null);
/** Why the token was refused, while somebody has to sign in again before requests go on. */
export const renewing = new Store<string | null>(null);

/** Gets another token without asking anybody, if there is such a way; null if it fails. */
type SilentWay = () => Promise<Session | null>;
let silently: SilentWay = async () => null;
/** Where one signs out at the provider as well; null if it has no such address. */
let wayOut: string | null = null;
let trying: Promise<void> | null = null;
/** Got silently, and not taken by the API so far: the next one would be refused as well. */
let unproven: string | null = null;

/** The API has taken the token. */
export function accepted(token: string | undefined): void {
  if (token === unproven) unproven = null;
}

const ROLES: readonly string[] = ['admin', 'brand', 'creator'];

/** What the token says; nothing if it cannot be read. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    const [, payload = ''] = token.split('.');
    const letters = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Of whom the token is; null if it does not say. */
export function sessionOf(token: string): Session | null {
  const { role, sub } = claimsOf(token);
  return typeof role === 'string' && ROLES.includes(role) && typeof sub === 'string' && sub
    ? { token, role: role as Role, subject: sub }
    : null;
}

/**
 * Resolves once there is another token than the refused one. `reason` is the API's sentence.
 * Rejects if `signal` aborts.
 */
export async function renewed(
  refused: string | undefined,
  reason: string,
  signal?: AbortSignal,
): Promise<void> {
  if (session.get()?.token !== refused) return;
  // Once for all requests that were refused: a refresh token is good for one use.
  trying ??= (refused === unproven ? Promise.resolve(null) : silently())
    .catch(() => null)
    .then((next) => {
      trying = null;
      if (next && signIn(next)) unproven = next.token;
      else renewing.set(reason);
    });
  await trying;
  if (session.get()?.token !== refused) return;
  await new Promise<void>((resolve, reject) => {
    const stop = session.follow(() => {
      stop();
      resolve();
    });
    signal?.addEventListener('abort', () => {
      stop();
      reject(signal.reason as Error);
    });
  });
}

/**
 * Signs in, or in again. False if it is somebody else than before: what is on the page is not
 * theirs.
 */
export function signIn(next: Session, way?: SilentWay, out: string | null = null): boolean {
  const before = session.get();
  if (before && (before.role !== next.role || before.subject !== next.subject)) return false;
  if (way) [silently, wayOut] = [way, out];
  session.set(next);
  renewing.set(null);
  return true;
}

/** Who signs out in one tab is not left signed in, in another one of this browser. */
const tabs = new BroadcastChannel('cliptally.session');
const nameOf = ({ role, subject }: Session): string => `${role} ${subject}`;
tabs.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const own = session.get();
  if (own && data === nameOf(own)) location.replace(`${SIGNED_OUT_PATH}#here`);
});

/**
 * Leaves nothing behind: the page is loaded anew, after the provider has signed out if it can.
 */
export function signOut(): void {
  const own = session.get();
  if (own) tabs.postMessage(nameOf(own));
  location.replace(wayOut ?? `${SIGNED_OUT_PATH}#here`);
}

/** The id of who is signed in; a screen is shown to nobody else. */
export const useSubject = (): string => useStore(session)!.subject;
