import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { findPageFile, pageHeaders, PAGE_SCHEME } from './page-files.ts';

/**
 * Announces the page's scheme. Before the app is ready. `standard` gives it an origin of its own, `secure` makes it a
 * trustworthy one; it bypasses no policy and no other scheme may fetch from it.
 */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

async function answer(folder: string, request: Request): Promise<Response> {
  const file = request.method === 'GET' ? findPageFile(folder, request.url) : undefined;
  if (file !== undefined) {
    try {
      return new Response(new Uint8Array(await readFile(file.path)), { headers: pageHeaders(file.type) });
    } catch {
      // Not there: the same answer as for a name that cannot be.
    }
  }
  return new Response('Not found', { status: 404, headers: pageHeaders('text/plain; charset=utf-8') });
}

/** Serves the files of `folder` to pages of this session. */
export function setupPageProtocol(session: Session, folder: string): void {
  session.protocol.handle(PAGE_SCHEME, (request) => answer(folder, request));
}
