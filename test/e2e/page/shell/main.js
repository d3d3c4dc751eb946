// Shows the built page under the policy it ships with, and with nothing behind it: the tests put a stand-in in the place of
// the main process. `npm run build` comes before.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, protocol } from 'electron';

const page = fileURLToPath(new URL('../../../../dist/renderer/', import.meta.url));

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'";

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

protocol.registerSchemesAsPrivileged([
  { scheme: 'sealane-app', privileges: { standard: true, secure: true } },
]);

app.on('window-all-closed', () => {
  app.quit();
});
void app.whenReady().then(async () => {
  protocol.handle('sealane-app', async (request) => {
    const { pathname } = new URL(request.url);
    const name = pathname === '/' ? 'index.html' : normalize(pathname);
    try {
      const body = await readFile(join(page, name));
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      return new Response(body, { headers: { 'content-type': type, 'content-security-policy': POLICY } });
    } catch {
      return new Response('', { status: 404 });
    }
  });
  const window = new BrowserWindow({
    width: 960,
    height: 680,
    useContentSize: true,
    webPreferences: { sandbox: true, contextIsolation: true },
  });
  await window.loadURL('sealane-app://app/');
});
