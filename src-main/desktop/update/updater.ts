import { autoUpdater, type UpdateCheckResult } from 'electron-updater';
import { asSealaneError, type SealaneError } from '../../../shared/errors.ts';
import { logError } from '../log.ts';
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
  autoUpdater.setFeedURL({ provider: 'custom', updateProvider: signedProvider(source) });
  // Every error is also the rejection of the call that met it; nobody listening would end the process.
  autoUpdater.on('error', () => undefined);

  async function fetchNewer(): Promise<string | undefined> {
    const found: UpdateCheckResult | null = await autoUpdater.checkForUpdates();
    if (found?.isUpdateAvailable !== true) return undefined;
    await autoUpdater.downloadUpdate();
    return found.updateInfo.version;
  }

  let running: Promise<string | undefined> | undefined;
  /** One search at a time; whoever comes later shares its outcome. */
  function search(): Promise<string | undefined> {
    running ??= fetchNewer().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function offer(version: string): Promise<void> {
    if (await talk.askInstall(version)) autoUpdater.quitAndInstall(false, true);
  }

  let offered: string | undefined;
  async function look(): Promise<void> {
    const version = await search();
    if (version === undefined || version === offered) return;
    offered = version;
    await offer(version);
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
        const version = await search();
        await (version === undefined ? talk.tellNewest() : offer(version));
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
