import { z } from 'zod';

/**
 * An IP address as text: IPv4 in its four decimal numbers or IPv6, without a zone (which says nothing on another computer). Names, and
 * other writings that some resolvers take for an address (`127.1`, `0x7f000001`), are none.
 */
export const ipAddress = z.union([z.ipv4(), z.ipv6()]);
