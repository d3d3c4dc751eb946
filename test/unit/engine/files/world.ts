import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { ListSpace } from '../../../../src-main/engine/files/list-space.ts';
import type { PublishLog, Published } from '../../../../src-main/engine/files/publication.ts';
import type { Renames } from '../../../../src-main/engine/files/rename-log.ts';
import { openStaging } from '../../../../src-main/engine/files/open-staging.ts';
import { SpaceClaim } from '../../../../src-main/engine/files/space-ledger.ts';
import type { StagedFile } from '../../../../src-main/engine/files/staged-file.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';

/** Room for lists on the disk of the tests. */
export const lists = new ListSpace(tmpdir(), nodeDisk, SpaceClaim.alone());

/** A new folder that is gone after the test. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sealane-files-')));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes files (a name ending in `/` is an empty folder) below `folder`. */
export function lay(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    if (name.endsWith('/')) {
      mkdirSync(path, { recursive: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Everything below `folder`, links not followed: path → content of a file, `→ target` of a link, `/` for a folder. */
export function picture(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (below: string): void => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = join(below, name);
      const stats = lstatSync(join(folder, path));
      if (stats.isDirectory()) {
        found[path] = '/';
        look(path);
      } else if (stats.isSymbolicLink()) found[path] = `→ ${readlinkSync(join(folder, path))}`;
      else if (stats.isFile()) found[path] = readFileSync(join(folder, path), 'latin1');
      else found[path] = 'special';
    }
  };
  look('');
  return found;
}

export const STAGING_NAME = '.sealane-0123456789abcdef';

/** Names for staging folders that a test knows: the first free one of STAGING_NAME, STAGING_NAME-2, … */
export function names(): () => string {
  let n = 0;
  return () => {
    n += 1;
    return n === 1 ? STAGING_NAME : `${STAGING_NAME}-${String(n)}`;
  };
}
export const NOTHING_OFFERED = { itemCount: 0, files: 0, folders: 0, bytes: 0 };
export const PLAIN = { mtimeUs: 1_700_000_000_123_456, executable: false };

/** A staging folder in `destination` that is discarded after the test. */
export function stage(
  destination: string,
  disk: Disk = nodeDisk,
  options: { readonly journalFolder?: string } = {},
): Staging {
  const { journalFolder = newFolder() } = options;
  const staging = openStaging({
    destination,
    offered: NOTHING_OFFERED,
    journalFolder,
    disk,
    newName: names(),
    onIntent: () => undefined,
  });
  onTestFinished(() => {
    staging.discard();
  });
  return staging;
}

/** Makes a file and gives it, or fails the test when it was left out. */
export function create(staging: Staging, path: readonly string[], size: number): StagedFile {
  const file = staging.createFile(path, { ...PLAIN, size });
  if ('skipped' in file) throw new Error(`left out: ${file.skipped}`);
  return file;
}

/** A whole file; gives why it was left out, if it was. */
export function put(staging: Staging, path: readonly string[], text: string): string | undefined {
  const bytes = Buffer.from(text);
  const file = staging.createFile(path, { ...PLAIN, size: bytes.length });
  if ('skipped' in file) return file.skipped;
  file.write(bytes);
  file.finish();
  return undefined;
}

/** The code of the SealaneError that `work` throws, or what else happened. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof SealaneError ? error.code : `thrown: ${String(error)}`;
  }
  return 'nothing thrown';
}

export async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof SealaneError ? error.code : `thrown: ${String(error)}`;
  }
  return 'nothing thrown';
}

/** A system error, as Node throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A log of a publication that keeps nothing. */
export const NO_LOG: PublishLog = {
  begin: () => Promise.resolve(),
  plan: () => undefined,
  move: () => undefined,
  moved: () => undefined,
  end: () => Promise.resolve(),
};

/** Where everything has the name it was sent under. */
export const NONE_RENAMED: Renames = { renamed: [], renamedCount: 0 };

export function publish(staging: Staging): Promise<Published & Renames> {
  return staging.publish(NO_LOG);
}
