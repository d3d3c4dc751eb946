import { isIPv4, isIPv6 } from 'node:net';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/** Writes what `parseHostPort` reads. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
}

/**
 * Reads `HOST:PORT`, with an IPv6 address in brackets (`[::1]:7400`, RFC 3986, section 3.2.2; `[fe80::1%eth0]:7400`). The smallest
 * port is `minPort`: 0 means "any free one", which only makes sense for listening. Throws RangeError with a sentence for the user.
 */
export function parseHostPort(text: string, minPort: 0 | 1): HostPort {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) {
    const isBare = [text, text.replace(/:\d+$/, '')].some((each) => isIPv6(each));
    const hint = isBare ? ' An IPv6 address goes in brackets: [::1]:7400.' : '';
    throw new RangeError(`Give a host and a port, such as 192.168.1.20:7400.${hint}`);
  }
  const [, bracketed, plain = ''] = match;
  const port = Number(match[3]);
  if (port > 65_535 || port < minPort) throw new RangeError(`A port lies between ${minPort} and 65535.`);
  if (bracketed !== undefined) {
    if (!isIPv6(bracketed)) throw new RangeError('Only an IPv6 address goes in brackets.');
    return { host: bracketed, port };
  }
  // 300.1.1.1 is a well-formed host name too, but never what was meant.
  const looksNumeric = /^[\d.]+$/.test(plain);
  if (looksNumeric ? !isIPv4(plain) : !HOST_NAME.test(plain)) throw new RangeError('This is not a host.');
  return { host: plain, port };
}
