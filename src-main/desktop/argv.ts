import { isAbsolute } from 'node:path';
import { MAX_DEVICE_NAME_CHARACTERS } from '../../shared/limits.ts';
import { SealaneError } from '../../shared/errors.ts';

/**
 * The options of the desktop app. Chromium's and Electron's own flags stand between them and are left alone; anything that
 * begins with `--sealane-` and is not understood is an error, so that a misspelt option is not silently without effect.
 */
export interface DesktopOptions {
  /** `--sealane-downloads=DIR`: where received files go unless a device says otherwise. Absolute. */
  readonly downloads?: string;
  /** `--sealane-listen=HOST:PORT`: where to be reached; port 0 takes any free one. IPv6 in brackets. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** `--sealane-name=NAME`: this device's name when the profile is new. */
  readonly name?: string;
}

const PREFIX = '--sealane-';

function refuse(detail: string): never {
  throw new SealaneError('usage', { detail });
}

function parseAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) refuse(`${PREFIX}listen wants HOST:PORT`);
  return { host, port };
}

function parseFolder(text: string): string {
  if (!isAbsolute(text) || text.includes('\0')) refuse(`${PREFIX}downloads wants an absolute folder`);
  return text;
}

function parseName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > MAX_DEVICE_NAME_CHARACTERS) {
    refuse(`${PREFIX}name wants 1 to ${MAX_DEVICE_NAME_CHARACTERS} characters`);
  }
  return name;
}

/** Reads our options out of a whole command line. Throws `usage`, its `detail` saying which option and why. */
export function parseOptions(argv: readonly string[]): DesktopOptions {
  let options: DesktopOptions = {};
  const seen = new Set<string>();
  for (const argument of argv) {
    if (!argument.startsWith(PREFIX)) continue;
    const equals = argument.indexOf('=');
    const option = equals === -1 ? argument : argument.slice(0, equals);
    const value = equals === -1 ? '' : argument.slice(equals + 1);
    if (seen.has(option)) refuse(`${option} is given twice`);
    seen.add(option);
    switch (option) {
      case '--sealane-downloads':
        options = { ...options, downloads: parseFolder(value) };
        break;
      case '--sealane-listen':
        options = { ...options, listen: parseAddress(value) };
        break;
      case '--sealane-name':
        options = { ...options, name: parseName(value) };
        break;
      default:
        refuse(`${option} is not an option`);
    }
  }
  return options;
}
