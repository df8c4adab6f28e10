import dns from 'node:dns/promises';
import { isPublicAddress } from '../short-links/public-address.js';

/** Gives every IP address of a host. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export const lookupAll: Lookup = async (host) =>
  (await dns.lookup(host, { all: true })).map(({ address }) => address);

/** An address that no webhook is sent to; the message says why, to the person who gave it. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/**
 * Where a webhook may go: the public IP addresses of an https address. Asked again at each
 * delivery, as a name can lead elsewhere later. Throws {@link AddressRefused}.
 */
export async function publicAddressesOf(
  address: string,
  lookup: Lookup,
): Promise<{ url: URL; addresses: readonly string[] }> {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:')
    throw new AddressRefused('The address of an endpoint begins with https://.');
  if (url.username || url.password)
    throw new AddressRefused(
      'The address of an endpoint has no user name and no password; check the signature instead.',
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await lookup(host).catch((error: Error & { code?: string }) => {
    throw new AddressRefused(`The host ${host} cannot be found (${error.code ?? error.message}).`);
  });
  if (addresses.length === 0 || !addresses.every(isPublicAddress))
    throw new AddressRefused(
      `The host ${host} has no public address, or others beside it: webhooks go to the public Internet only.`,
    );
  return { url, addresses };
}
