import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';

/** The digest of a file, in one of the writings that the tools of this trade use. */
export async function digest(
  path: string,
  algorithm: 'sha256' | 'sha512',
  encoding: 'hex' | 'base64',
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest(encoding);
}

/** What `sha256sum -c` reads, the files by their names and in their order. */
export async function checksumList(paths: readonly string[]): Promise<string> {
  const named = paths.map((path) => ({ path, name: basename(path) }));
  named.sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = [];
  for (const { path, name } of named) lines.push(`${await digest(path, 'sha256', 'hex')}  ${name}\n`);
  return lines.join('');
}
