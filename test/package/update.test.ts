import { generateKeyPairSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { ERRORS } from '../../shared/errors.ts';
import type { Desktop } from '../support/desktop.ts';
import { signManifest } from '../tools/package/update-manifest.ts';
import { CleanRoot } from './clean-root.ts';
import { allowInspection, EXECUTABLE, install, startInstalled } from './installed-app.ts';

/**
 * An installed app, and a server it looks for updates on. It runs as root here: an ordinary user would be asked for a
 * password by the system, which is not ours to test. The tests go in order.
 */

const { current, next, nextVersion, updatePort, updateKey } = inject('packages');
const MANIFEST = 'update-linux-x64.json';

let root: CleanRoot;
let server: Server;
let app: Desktop;
/** What the server has: texts, or files by their paths. */
let shelf: Map<string, string | { readonly file: string }>;
let asked: string[];

const questionSchema = z.object({ message: z.string(), buttons: z.array(z.string()).default([]) });

async function debIn(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((each) => each.endsWith('.deb'));
  if (name === undefined) throw new Error('no deb');
  return name;
}

const genuine = (): Promise<string> => readFile(join(next, MANIFEST), 'utf8');
const installedVersion = async (): Promise<string> =>
  (await root.run(['dpkg-query', '--show', '--showformat=${Version}', 'sealane'])).output;

function offer(manifest: string, key: string): void {
  shelf.set(`/${MANIFEST}`, manifest);
  shelf.set(`/${MANIFEST}.sig`, signManifest(manifest, key));
}

/** Chooses "Check for Updates…", answers what is asked with the second button, or the first, and gives what was said. */
async function check(button: 0 | 1): Promise<z.infer<typeof questionSchema>> {
  const said = await app.app.evaluate(
    ({ dialog, Menu }, response) =>
      new Promise<unknown>((resolve) => {
        dialog.showMessageBox = (...args: readonly unknown[]) => {
          resolve(args.at(-1));
          return Promise.resolve({ response, checkboxChecked: false });
        };
        Menu.getApplicationMenu()?.getMenuItemById('check-for-updates')?.click();
      }),
    button,
  );
  return questionSchema.parse(said);
}

/** A package that leaves a trace when it is installed. Gives its path in the root. */
async function strangeDeb(): Promise<string> {
  const control =
    'Package: strange\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n';
  const script =
    `mkdir -p strange/DEBIAN && cd strange && printf '${control}' >DEBIAN/control && ` +
    `: >strange-deb-was-installed && dpkg-deb --build . /root/strange.deb`;
  const built = await root.run(['sh', '-c', script]);
  if (built.code !== 0) throw new Error(built.output);
  return '/root/strange.deb';
}

/**
 * Chooses "Check for Updates…" and says yes, after a program of the user has put another file in the place of the one that was
 * fetched and verified. Gives everything that the app said until then and after it.
 */
async function exchangeWhileAsked(other: string): Promise<readonly string[]> {
  const said = await app.app.evaluate(
    ({ dialog, Menu }, path) =>
      new Promise<unknown>((resolve) => {
        const fs = process.getBuiltinModule('node:fs');
        const pending = `${process.env['HOME'] ?? ''}/.cache/sealane-updater/pending`;
        const messages: string[] = [];
        dialog.showMessageBox = (...args: readonly unknown[]) => {
          const options = args.at(-1);
          if (typeof options === 'object' && options !== null && 'message' in options)
            messages.push(String(options.message));
          if (messages.length === 2) resolve(messages);
          for (const name of fs.readdirSync(pending).filter((each) => each.endsWith('.deb')))
            fs.copyFileSync(path, `${pending}/${name}`);
          return Promise.resolve({ response: 0, checkboxChecked: false });
        };
        Menu.getApplicationMenu()?.getMenuItemById('check-for-updates')?.click();
      }),
    other,
  );
  return z.array(z.string()).parse(said);
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*$/, '') ?? '';
    asked.push(path);
    const thing = shelf.get(path);
    if (thing === undefined) response.writeHead(404).end();
    else if (typeof thing === 'string') response.end(thing);
    else createReadStream(thing.file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(updatePort, '127.0.0.1', resolve);
  });
  root = await CleanRoot.make([]);
  await install(root, join(current, await debIn(current)));
  await allowInspection(root);
  app = await startInstalled(root, 'To be updated');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await root.remove();
});
beforeEach(() => {
  shelf = new Map();
  asked = [];
});

describe('an installed app', () => {
  it('says so when it cannot ask', async () => {
    expect(await check(0)).toMatchObject({ message: ERRORS['update-failed'].message });
  });

  it('refuses what somebody else has signed, and fetches nothing of it', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    offer(await genuine(), privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'));
    expect(await check(0)).toMatchObject({ message: ERRORS['update-refused'].message });
    expect(asked).toEqual([`/${MANIFEST}`, `/${MANIFEST}.sig`]);
  });

  it('refuses a manifest that was changed after it was signed', async () => {
    offer(await genuine(), updateKey);
    shelf.set(`/${MANIFEST}`, (await genuine()).replace(nextVersion, '99.0.1'));
    expect(await check(0)).toMatchObject({ message: ERRORS['update-refused'].message });
    expect(asked).toEqual([`/${MANIFEST}`, `/${MANIFEST}.sig`]);
  });

  it('does not go back to an older version, whoever has signed it', async () => {
    offer((await genuine()).replace(nextVersion, '0.0.1'), updateKey);
    expect((await check(0)).message).toBe('This is the newest version of Sealane.');
    expect(asked).toEqual([`/${MANIFEST}`, `/${MANIFEST}.sig`]);
  });

  it.each([
    ['another system', (text: string) => text.replace('"linux"', '"win32"')],
    ['another processor', (text: string) => text.replace('"x64"', '"arm64"')],
  ])('refuses a manifest that was signed for %s', async (_what, change) => {
    offer(change(await genuine()), updateKey);
    expect(await check(0)).toMatchObject({ message: ERRORS['update-refused'].message });
    expect(asked).toEqual([`/${MANIFEST}`, `/${MANIFEST}.sig`]);
  });

  it('follows no manifest that has expired, and says that it may be the clock', async () => {
    const expired = (await genuine()).replace(/"expires": "[^"]+"/, '"expires": "2020-01-01T00:00:00.000Z"');
    offer(expired.replace(/"releaseDate": "[^"]+"/, '"releaseDate": "2019-12-01T00:00:00.000Z"'), updateKey);
    expect(await check(0)).toMatchObject({ message: ERRORS['update-expired'].message });
    expect(asked).toEqual([`/${MANIFEST}`, `/${MANIFEST}.sig`]);
  });

  it('refuses a file that is not the one that was signed for', async () => {
    offer(await genuine(), updateKey);
    shelf.set(`/${await debIn(next)}`, { file: join(current, await debIn(current)) });
    expect(await check(0)).toMatchObject({ message: ERRORS['update-failed'].message });
    expect(asked).toContain(`/${await debIn(next)}`);
    expect(await installedVersion()).not.toBe(nextVersion);
  });

  it('installs nothing else when the fetched file is exchanged while the user is asked', async () => {
    offer(await genuine(), updateKey);
    shelf.set(`/${await debIn(next)}`, { file: join(next, await debIn(next)) });
    const said = await exchangeWhileAsked(await strangeDeb());
    expect(said).toEqual([
      `Sealane ${nextVersion} is ready to be installed.`,
      ERRORS['update-refused'].message,
    ]);
    expect((await root.run(['test', '-e', '/strange-deb-was-installed'])).code).toBe(1);
    expect((await root.run(['dpkg-query', '--show', 'strange'])).code).toBe(1);
    expect(await installedVersion()).not.toBe(nextVersion);
  });

  it('offers the genuine one, and leaves it when the user says later', async () => {
    offer(await genuine(), updateKey);
    shelf.set(`/${await debIn(next)}`, { file: join(next, await debIn(next)) });
    expect(await check(1)).toMatchObject({
      message: `Sealane ${nextVersion} is ready to be installed.`,
      buttons: ['Install and restart', 'Later'],
    });
    // The exchanged one was thrown away: this one was fetched anew.
    expect(asked).toContain(`/${await debIn(next)}`);
    expect(await installedVersion()).not.toBe(nextVersion);
  });

  it('installs it when the user says so, without fetching it again, and ends', async () => {
    offer(await genuine(), updateKey);
    const ended = new Promise<void>((resolve) => {
      app.app.process().once('exit', () => {
        resolve();
      });
    });
    expect((await check(0)).buttons).toHaveLength(2);
    await ended;
    expect(asked).toEqual([`/${MANIFEST}`, `/${MANIFEST}.sig`]);
    expect(await installedVersion()).toBe(nextVersion);
  });

  it('comes back by itself', async () => {
    const look = `for each in /proc/[0-9]*; do readlink "$each/exe"; done | grep -c '^${EXECUTABLE}$'`;
    let running = '';
    for (let tries = 0; tries < 100 && !/^[1-9]/.test(running); tries += 1) {
      await pause(100);
      running = (await root.run(['sh', '-c', look])).output;
    }
    expect(running).toMatch(/^[1-9]/);
  });

  it('is the new version then, and the same device', async () => {
    await root.endAll();
    await allowInspection(root);
    app = await startInstalled(root, 'Another name');
    expect(await app.snapshot()).toMatchObject({ version: nextVersion, self: { name: 'To be updated' } });
    await app.close();
  });
});
