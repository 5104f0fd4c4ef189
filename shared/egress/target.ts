import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { PlatformError } from '../errors/index.ts';
import { refusalOf } from './addresses.ts';

/** Finds the addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Where a request goes, once its URL is known to be harmless in itself. */
export interface Target {
  readonly url: URL;
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
}

const HTTPS_PORTS = [443, 8443];
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Checks what can be told from a URL alone. Fails with `egress.refused` (never): plain HTTP, another port than those
 * of HTTPS, a user in the URL. `allowPrivate` opens HTTP and every port, for a server of the operator's own.
 * Numbers in other forms (decimal, octal, hexadecimal, short) are addresses, and are turned into the usual form here.
 */
export function targetOf(address: string, allowPrivate: boolean): Target {
  const url = URL.parse(address);
  if (!url) throw refused('is not a URL', 'never');
  const allowed = url.protocol === 'https:' || (url.protocol === 'http:' && allowPrivate);
  if (!allowed) throw refused('is not https', 'never');
  if (url.username !== '' || url.password !== '') throw refused('names a user', 'never');
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
  if (port === 0 || !(allowPrivate || HTTPS_PORTS.includes(port)))
    throw refused('has a port that is not allowed', 'never');
  return { url, hostname: url.hostname.replace(/^\[|\]$/gu, ''), port };
}

/**
 * The addresses that a request may connect to, found and checked now: whoever connects must use these and not look the
 * name up again, since the next answer may be another one (DNS rebinding). Fails with `egress.unresolved` or
 * `egress.refused` (later: names change).
 */
export async function vettedAddresses(
  { hostname }: Target,
  allowPrivate: boolean,
  resolve: Resolve,
): Promise<readonly [string, ...string[]]> {
  const found = isIP(hostname) ? [hostname] : await resolve(hostname);
  const [first, ...others] = found.filter((a) => refusalOf(a, allowPrivate) === undefined);
  if (first !== undefined) return [first, ...others];
  const [address] = found;
  if (address === undefined) throw unresolved();
  throw refused(`is at a refused address (${refusalOf(address, allowPrivate) ?? ''})`, 'later');
}

/** Asks the system, IPv4 first: not every machine with a name in IPv6 has a way there. */
export const systemResolve: Resolve = async (hostname) => {
  try {
    const found = await lookup(hostname, { all: true, order: 'ipv4first' });
    return found.map(({ address }) => address);
  } catch (cause) {
    throw unresolved(cause);
  }
};

const refused = (why: string, retry: 'later' | 'never') =>
  new PlatformError('egress.refused', `the endpoint ${why}`, { retry });
const unresolved = (cause?: unknown) =>
  new PlatformError('egress.unresolved', "the endpoint's name has no address", { retry: 'later', cause });
