import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, expect } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';
import { electronLaunchOptions } from '../tools/electron-runtime.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The real desktop app, as built, in its own folder: a device like any other. */
export interface Sealane {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** The folder of its two folders below, to start it again with. */
  readonly folder: string;
  /** Where its Electron keeps everything; the engine's profile lies in `profile` below it. */
  readonly userData: string;
  readonly downloads: string;
  /** Ends the app; its folders stay until `remove`. */
  close(): Promise<void>;
  /** Ends the app and removes its folders. */
  remove(): Promise<void>;
}

export interface LaunchOptions {
  readonly name: string;
  /** More of the command line, such as a link. */
  readonly args?: readonly string[];
  /** An earlier device's folder, to start the same device again. */
  readonly folder?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(inherited), ...more };
}

/** Starts the app and waits until its page shows itself. */
export async function launchSealane({ name, args = [], folder, env = {} }: LaunchOptions): Promise<Sealane> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'sealane-window-')));
  const userData = join(home, 'user-data');
  const downloads = join(home, 'downloads');
  await mkdir(downloads, { recursive: true });
  const options = await electronLaunchOptions(root, [
    `--user-data-dir=${userData}`,
    `--sealane-downloads=${downloads}`,
    '--sealane-listen=127.0.0.1:0',
    `--sealane-name=${name}`,
    ...args,
  ]);
  const app = await _electron.launch({ ...options, env: environment(env) });
  const page = await app.firstWindow();
  await expect(page.getByRole('heading', { name: 'Sealane', level: 1 })).toBeVisible();
  const close = (): Promise<void> => app.close();
  return {
    app,
    page,
    folder: home,
    userData,
    downloads,
    close,
    remove: async () => {
      await close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
