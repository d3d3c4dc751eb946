import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Which version of Sealane this is. The file lies two folders above this one, in the sources as in what is built from them. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
