import { resolve } from 'node:path';
import { findLink } from './links.ts';
import { findOpenedPaths } from './opened-files.ts';

/** Where a start without a packaged app was made: its command line also names the checkout. */
export interface DevelopmentStart {
  readonly checkout: string;
  /** The working folder of the second process. */
  readonly folder: string;
}

/**
 * Whether a second start brings the window of the first one up: a plain start does, and one with a link or with files. Any
 * web page can start the app with any address after `sealane:`; an address that leads to nothing brings nothing up.
 *
 * @param argv the whole command line of the second process
 * @param development undefined for a packaged app, which alone is opened with files
 */
export function isForWindow(argv: readonly string[], development?: DevelopmentStart): boolean {
  if (findLink(argv) !== undefined) return true;
  const named = argv.slice(1).filter((argument) => argument !== '' && !argument.startsWith('-'));
  if (development === undefined) return named.length === 0 || findOpenedPaths(argv).length > 0;
  const checkout = resolve(development.checkout);
  return named.every((argument) => resolve(development.folder, argument) === checkout);
}
