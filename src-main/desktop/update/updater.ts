import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { autoUpdater, type UpdateCheckResult } from 'electron-updater';
import { asSealaneError, SealaneError } from '../../../shared/errors.ts';
import { logError } from '../log.ts';
import { verifyFresh, type SignedManifest } from './manifest.ts';
import { installAsRoot, type FetchedPackage } from './root-install.ts';
import { signedProvider } from './signed-provider.ts';
import type { UpdateSource } from './source.ts';

/** The app is busy with itself when it has just started. Milliseconds. */
const FIRST_CHECK_MS = 30_000;
const CHECK_EVERY_MS = 6 * 3600_000;

export interface UpdateTalk {
  /** A version is here, whole and checked: true to install it now and start anew, false to be asked again next time. */
  askInstall(version: string): Promise<boolean>;
  /** Answers to somebody who asked. */
  tellNewest(): Promise<void>;
  tellFailed(message: string): Promise<void>;
  /** Ends the app, whatever is on its way, and starts the version that was installed. */
  restart(): void;
}

export interface Updates {
  /** Looks for an update because somebody wants to know, and tells what came of it. */
  check(): Promise<void>;
  stop(): void;
}

/** electron-updater's errors, in our words. */
function understood(error: unknown): SealaneError {
  return asSealaneError(error, 'update-failed');
}

/** An update that was fetched, with the manifest that it was verified by. */
interface Fetched {
  readonly manifest: SignedManifest;
  readonly path: string;
}

/** What this app was installed from, when it takes root to replace it; electron-builder's note says so. */
function rootPackageKind(): FetchedPackage['kind'] | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const kind = readFileSync(join(process.resourcesPath, 'package-type'), 'utf8').trim();
    return kind === 'deb' || kind === 'rpm' ? kind : undefined;
  } catch {
    return undefined;
  }
}

/** @throws SealaneError `update-refused` unless the manifest has exactly one package of this kind */
function packageOf({ manifest, path }: Fetched, kind: FetchedPackage['kind']): FetchedPackage {
  const [file, ...others] = manifest.files.filter(({ url }) => url.endsWith(`.${kind}`));
  if (file === undefined || others.length > 0) {
    throw new SealaneError('update-refused', { detail: `the manifest has no ${kind}, or several` });
  }
  return { kind, path, sha512: file.sha512, size: file.size };
}

/**
 * Looks for updates now and then, fetches what is newer and signed, and asks before anything is installed. Undefined where
 * this installation cannot be updated by itself: unpacked from an archive, or run without being installed.
 */
export function setupUpdates(source: UpdateSource, talk: UpdateTalk): Updates | undefined {
  if (process.env['PORTABLE_EXECUTABLE_FILE'] !== undefined || !autoUpdater.isUpdaterActive())
    return undefined;
  // Its log names paths; what goes wrong arrives as an error as well.
  autoUpdater.logger = null;
  autoUpdater.autoDownload = false;
  autoUpdater.autoInstallOnAppQuit = false;
  autoUpdater.allowDowngrade = false;
  // The whole file is fetched and held against the signed checksum; there is no second way to come to it.
  autoUpdater.disableDifferentialDownload = true;
  let verified: SignedManifest | undefined;
  const takeVerified = (): SignedManifest | undefined => {
    const manifest = verified;
    verified = undefined;
    return manifest;
  };
  const provider = signedProvider(source, (manifest) => (verified = manifest));
  autoUpdater.setFeedURL({ provider: 'custom', updateProvider: provider });
  // Every error is also the rejection of the call that met it; nobody listening would end the process.
  autoUpdater.on('error', () => undefined);

  async function fetchNewer(): Promise<Fetched | undefined> {
    takeVerified();
    const found: UpdateCheckResult | null = await autoUpdater.checkForUpdates();
    const manifest = takeVerified();
    if (found?.isUpdateAvailable !== true) return undefined;
    const [path] = await autoUpdater.downloadUpdate();
    if (manifest === undefined || path === undefined) throw new SealaneError('update-failed');
    return { manifest, path };
  }

  let running: Promise<Fetched | undefined> | undefined;
  /** One search at a time; a later caller shares its outcome. */
  function search(): Promise<Fetched | undefined> {
    running ??= fetchNewer().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function install(update: Fetched): Promise<void> {
    verifyFresh(update.manifest, Date.now());
    const kind = rootPackageKind();
    if (kind === undefined) {
      // What an AppImage or the user's own installer replaces is the user's: there is no border to defend here.
      autoUpdater.quitAndInstall(false, true);
      return;
    }
    const helper = join(dirname(process.execPath), 'install-update');
    if (await installAsRoot(packageOf(update, kind), helper)) talk.restart();
  }

  async function offer(update: Fetched): Promise<void> {
    if (!(await talk.askInstall(update.manifest.version))) return;
    try {
      await install(update);
    } catch (error) {
      logError('installing an update', understood(error));
      // electron-updater believes in what it has fetched once; where it is gone, the next search fetches it anew.
      if (understood(error).code === 'update-refused') await rm(update.path, { force: true });
      await talk.tellFailed(understood(error).message);
    }
  }

  let offered: string | undefined;
  async function look(): Promise<void> {
    const update = await search();
    if (update === undefined || update.manifest.version === offered) return;
    offered = update.manifest.version;
    await offer(update);
  }

  const timers = [setTimeout(lookQuietly, FIRST_CHECK_MS), setInterval(lookQuietly, CHECK_EVERY_MS)];
  function lookQuietly(): void {
    look().catch((error: unknown) => {
      logError('looking for updates', understood(error));
    });
  }

  return {
    async check() {
      try {
        const update = await search();
        await (update === undefined ? talk.tellNewest() : offer(update));
      } catch (error) {
        logError('looking for updates', understood(error));
        await talk.tellFailed(understood(error).message);
      }
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
