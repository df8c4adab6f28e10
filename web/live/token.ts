import { Store } from '../ui/store.js';

/**
 * The token of an admin, if figures are not open here. A link has it behind the "#", where no
 * server and no log reads it; it lives in memory alone, and a reload asks for it again.
 */
export const token = new Store<string | null>(fromLink());
/** Why the figures are refused; null while they are not. */
export const refused = new Store<string | null>(null);

function fromLink(): string | null {
  const given = /^#token=([\w.~+/-]+=*)$/.exec(location.hash)?.[1] ?? null;
  if (given) history.replaceState(null, '', location.pathname + location.search);
  return given;
}

export const authorized = (): Record<string, string> => {
  const given = token.get();
  return given ? { authorization: `Bearer ${given}` } : {};
};
