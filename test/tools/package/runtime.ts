import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { electronExecutable } from '../electron-runtime.mjs';
import { root } from '../paths.mjs';
import { SetupError } from '../process.mjs';
import { digest } from './checksums.ts';

/** The Electron that goes into a package: the official one, or, for the tests of packaging alone, the development one. */
export interface PackagedRuntime {
  readonly kind: 'official' | 'development';
  readonly version: string;
  /** What electron-builder's `electronDist` takes. */
  readonly dist: string;
}

const electronPackage = join(root, 'node_modules', 'electron');
const require = createRequire(import.meta.url);

/**
 * Holds an archive of the runtime against the checksums that the `electron` package, itself locked by package-lock.json,
 * carries for its own version.
 *
 * @param archive a file whose name is the one the checksums list it by
 * @throws SetupError where the name is not listed, or the content is another
 */
export async function verifyRuntime(archive: string, checksums: unknown): Promise<void> {
  const name = basename(archive);
  const expected = z.record(z.string(), z.string()).parse(checksums)[name];
  if (expected === undefined)
    throw new SetupError(`${name} is not a runtime that the electron package knows`);
  if ((await digest(archive, 'sha256', 'hex')) !== expected) {
    throw new SetupError(`${name} is not the official Electron runtime: its checksum differs`);
  }
}

/** Electron's own downloader, which the electron package brings. */
interface Downloader {
  downloadArtifact(options: {
    version: string;
    artifactName: 'electron';
    platform: string;
    arch: string;
    checksums: Record<string, string>;
  }): Promise<string>;
}

function isDownloader(value: unknown): value is Downloader {
  return typeof value === 'object' && value !== null && 'downloadArtifact' in value;
}

/**
 * Fetches the official runtime for each architecture (or finds it in the downloader's cache), verifies it, and lays the
 * archives into `folder` under the names electron-builder looks for. No environment variable and no other runtime that
 * lies around is listened to.
 *
 * @throws SetupError where it cannot be fetched, or is not what the electron package's checksums say
 */
export async function officialRuntime(
  folder: string,
  platform: string,
  archs: readonly string[],
): Promise<PackagedRuntime> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(electronPackage, 'package.json'), 'utf8')));
  const checksums = z
    .record(z.string(), z.string())
    .parse(JSON.parse(await readFile(join(electronPackage, 'checksums.json'), 'utf8')));
  const downloader: unknown = await import(require.resolve('@electron/get', { paths: [electronPackage] }));
  if (!isDownloader(downloader)) throw new Error('the electron package brings no downloader');

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const arch of archs) {
    const archive = await downloader
      .downloadArtifact({ version, artifactName: 'electron', platform, arch, checksums })
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SetupError(
          `the official Electron ${version} for ${platform}-${arch} cannot be had, and no other is packaged: ${reason}`,
        );
      });
    const place = join(folder, `electron-v${version}-${platform}-${arch}.zip`);
    await link(archive, place);
    await verifyRuntime(place, checksums);
  }
  return { kind: 'official', version, dist: folder };
}

/** The runtime that the tests run on, whichever it is: for tests of packaging, never for a release. */
export async function developmentRuntime(): Promise<PackagedRuntime> {
  const { path, version } = await electronExecutable();
  return { kind: 'development', version, dist: join(path, '..') };
}
