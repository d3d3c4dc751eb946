/**
 * What the makers write and installed apps read. This file imports nothing: the job that holds the signing key runs it with
 * plain Node, where no package of others is installed (test/tools/package/sign-release.ts).
 */

/** Goes in front of the signed bytes, so that a signature for something else is none for a manifest. */
export const SIGNATURE_CONTEXT = 'sealane update manifest 2\n';

export interface UpdateManifest {
  /** Node's name of the operating system the files are for. */
  readonly platform: string;
  /** Node's name of the processor, or `universal`. */
  readonly arch: string;
  readonly version: string;
  /** ISO 8601: the time of the commit that was released. */
  readonly releaseDate: string;
  /** ISO 8601: no app follows the manifest from then on. */
  readonly expires: string;
  /** Plain names, SHA-512 in base64, sizes in bytes. */
  readonly files: readonly { readonly url: string; readonly sha512: string; readonly size: number }[];
}

/** Which manifest is for an operating system and a processor, as Node calls them. */
export function manifestTarget(platform: string, arch: string): { platform: string; arch: string } {
  return { platform, arch: platform === 'darwin' ? 'universal' : arch };
}

/** The manifest's name on the server. */
export function manifestName(platform: string, arch: string): string {
  const target = manifestTarget(platform, arch);
  return `update-${target.platform}-${target.arch}.json`;
}
