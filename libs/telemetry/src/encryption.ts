import { isLoopback } from './loopback.js';

/** How an address says that what is sent is encrypted, for a server that shows who it is. */
interface Encrypted {
  is: (address: URL) => boolean;
  /** The way out, for who reads that it is not. */
  way: string;
}

const all = ({ searchParams }: URL, name: string, value: string): boolean =>
  searchParams.getAll(name).every((one) => one === value);

/** Only this mode checks the name; the driver's next version checks nothing in weaker ones. */
const database: Encrypted = {
  is: (url) => url.searchParams.has('sslmode') && all(url, 'sslmode', 'verify-full'),
  way: 'add sslmode=verify-full to it, and sslrootcert=FILE for an authority of your own',
};

const ENCRYPTED: Readonly<Record<string, Encrypted>> = {
  DATABASE_URL: database,
  SEALED_DATABASE_URL: database,
  NATS_URL: {
    is: ({ protocol }) => protocol === 'tls:' || protocol === 'wss:',
    way: 'begin it with tls://, and name an authority of your own in NODE_EXTRA_CA_CERTS',
  },
  KURRENTDB_URL: {
    // Its client reads names in any case, and with "-" or "_" in them.
    is: ({ searchParams }) =>
      [...searchParams].every(
        ([name, value]) =>
          !/^tls(verifycert)?$/i.test(name.replace(/[-_ ]/g, '')) || value === 'true',
      ),
    way: 'take tls=false and tlsVerifyCert=false out of it, and name an authority of your own with tlsCAFile=FILE',
  },
  SMTP_URL: {
    is: (url) =>
      (url.protocol === 'smtps:' || url.searchParams.get('requireTLS') === 'true') &&
      all(url, 'requireTLS', 'true') &&
      all(url, 'ignoreTLS', 'false') &&
      all(url, 'secure', 'true') &&
      all(url, 'tls.rejectUnauthorized', 'true'),
    way: 'begin it with smtps://, or add requireTLS=true to it',
  },
};

/**
 * What production refuses: addresses to which passwords and data would go in plain text, or to
 * an unknown server, as a sentence each. This machine and PLAINTEXT_HOSTS are left out.
 */
export function plaintextFaults(env: Readonly<Record<string, string | undefined>>): string[] {
  const allowed = new Set((env['PLAINTEXT_HOSTS'] ?? '').toLowerCase().split(/[ ,]+/));
  const isNear = (host: string) =>
    host.startsWith('/') || isLoopback(host) || allowed.has(host.toLowerCase());
  return Object.entries(ENCRYPTED).flatMap(([name, { is, way }]) => {
    const text = env[name] ?? '';
    // Only NATS takes several; elsewhere a comma may be part of a password.
    const addresses = name === 'NATS_URL' ? text.split(',') : [text];
    const open = addresses.some(
      (one) => URL.canParse(one) && !is(new URL(one)) && !hostsOf(new URL(one)).every(isNear),
    );
    return open
      ? [
          `${name} would send passwords and data in plain text, or to a server that nobody has checked: ${way}. If nobody else can listen or answer there, name the host in PLAINTEXT_HOSTS.`,
        ]
      : [];
  });
}

/** PostgreSQL's driver takes a host of the query before that of the address. */
function hostsOf({ hostname, searchParams }: URL): string[] {
  const hosts = [hostname, ...searchParams.getAll('host')].filter(Boolean);
  // Without one the driver asks the environment.
  return hosts.length > 0 ? hosts.map((host) => decodeURIComponent(host)) : ['?'];
}
