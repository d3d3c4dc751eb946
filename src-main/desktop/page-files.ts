import { join } from 'node:path';

/**
 * What the page's own scheme serves: the files of one folder, by plain names, each with its type and the headers that hold the
 * page in place. Knows nothing of Electron.
 */

export const PAGE_SCHEME = 'sealane-app';
const PAGE_HOST = 'app';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://${PAGE_HOST}`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** Nothing is allowed but the page's own files; it has no line to anywhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
};

const TYPES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['json', 'application/json; charset=utf-8'],
  ['map', 'application/json; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['webp', 'image/webp'],
  ['ico', 'image/x-icon'],
  ['woff2', 'font/woff2'],
]);

/** One step of a path. No leading dot, so neither `..` nor hidden files; no separator, colon, percent sign or NUL. */
const STEP = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

export interface PageFile {
  /** The file below `folder`. */
  readonly path: string;
  readonly type: string;
}

/** The file that a request means, or undefined when it means none: another origin, an odd name, an unknown type. */
export function findPageFile(folder: string, address: string): PageFile | undefined {
  const prefix = `${PAGE_ORIGIN}/`;
  if (!address.startsWith(prefix)) return undefined;
  const path = address.slice(prefix.length).replace(/[?#].*$/s, '');
  const steps = (path === '' ? 'index.html' : path).split('/');
  if (!steps.every((step) => STEP.test(step))) return undefined;
  const type = TYPES.get(steps.at(-1)?.split('.').at(-1) ?? '');
  return type === undefined ? undefined : { path: join(folder, ...steps), type };
}

/** Headers of an answer with this content type. */
export function pageHeaders(type: string): Record<string, string> {
  return { ...SECURITY_HEADERS, 'Content-Type': type, 'Cache-Control': 'no-cache' };
}

/** Whether a frame shows our page: its own document and nothing else of the scheme. */
export function isPageAddress(address: string): boolean {
  return address.replace(/[?#].*$/s, '') === PAGE_URL;
}
