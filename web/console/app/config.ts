import { Store } from '../../ui/store.js';
import { session, type Session } from './session.js';

/** How one signs in here, as the server says it at /console/config.json. */
export interface Config {
  /** `development`: by links with a token in them; `token`: by pasting one. */
  signIn: 'oidc' | 'development' | 'token';
  /** Links of clips to try, if this is a sample world. */
  examples: string[];
  oidc: { issuer: string; clientId: string; scopes: string; audience: string | null } | null;
}

/** What an admin gets beside that; null if there is no such thing here. */
export interface Addresses {
  /** Of the sample world's control, with its token behind the "#". */
  sampleWorld: string | null;
  /** Of the operators' page. */
  livePage: string | null;
}

const NOWHERE: Addresses = { sampleWorld: null, livePage: null };
export const addresses = new Store<Addresses>(NOWHERE);

/** Of no admin there are none; without an answer there are none either. */
export async function readAddresses({ role, token }: Session): Promise<Addresses> {
  const config = role === 'admin' ? await readConfig(token).catch(() => NOWHERE) : NOWHERE;
  addresses.set({ sampleWorld: config.sampleWorld, livePage: config.livePage });
  return addresses.get();
}

/**
 * Brings the token along to the operators' page, behind the "#", where no server reads it. Only
 * while it is opened: a link that somebody copies has none.
 */
export function bringToken({ currentTarget: link }: { currentTarget: HTMLAnchorElement }): void {
  const { href } = link;
  link.hash = `token=${session.get()?.token ?? ''}`;
  setTimeout(() => (link.href = href));
}

/** Links to try: of a sample world alone. */
export const examples = new Store<readonly string[]>([]);

export async function readConfig(token?: string): Promise<Config & Addresses> {
  const response = await fetch('/console/config.json', {
    credentials: 'omit',
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
  });
  if (!response.ok) throw new Error(`The server answers with the status ${response.status}.`);
  const config = (await response.json()) as Config & Addresses;
  examples.set(config.examples);
  return config;
}
