import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import type { KeyProtector } from '../api.ts';
import type { FileLock } from '../store/file-lock.ts';
import { acquireLock } from '../store/lock.ts';
import { openProfileFolder } from '../store/profile-folder.ts';
import { exportIdentity, generateIdentity, importIdentity } from './identity.ts';
import type { Identity } from './identity.ts';
import { KeyFiles } from './key-files.ts';
import { formatKeyRecord, UNPROTECTED } from './key-record.ts';
import type { KeyRecord, KeySlot } from './key-record.ts';

/** The usual name of the key file in a profile; its copy lies beside it as `identity.key.copy`. */
export const KEY_FILE = 'identity.key';

export interface LoadedIdentity {
  readonly identity: Identity;
  /** What keeps the private key at rest: the system's keychain, or nothing but the file's permissions. */
  readonly protection: 'keychain' | 'file';
  /** Whether it was made just now. */
  readonly created: boolean;
}

/**
 * The identity kept in `file` (absolute path) and its copy; made when there is neither and `mayMake` allows
 * it, by exactly one of several processes that start at once. What is damaged or missing is repaired from the
 * other of the two, and a key that lay open is put under `protector` when there is one now. Where the
 * keychain will not take it, it stays in the file, and `protection` says so.
 *
 * Throws `profile-damaged` when there are files and none is sound: a new identity is never made over an old
 * one; `key-missing` when there are none and none may be made. Throws `profile-unusable` when the files
 * cannot be read or made, or when a newer version wrote them; `profile-exposed` when others can write in the
 * folder; `key-locked` when the key is under a protector that is not at hand or does not open it.
 */
export async function loadIdentity(
  file: string,
  protector?: KeyProtector,
  mayMake = true,
): Promise<LoadedIdentity> {
  if (protector?.name === UNPROTECTED) throw new RangeError(`a protector may not be called ${UNPROTECTED}`);
  const folder = await openFolderOf(file);
  const files = new KeyFiles(join(folder, basename(file)));
  const found = await find(files, protector);
  if (found !== undefined && isInOrder(found, protector)) return loaded(found);

  // Everything that writes happens under a lock, and looks again first: another process may just have done
  // it.
  let lock: FileLock;
  try {
    lock = await acquireLock(folder);
  } catch (error) {
    if (found !== undefined) return loaded(found);
    throw unusable('profile is locked or its folder cannot be written', error);
  }
  try {
    const again = await find(files, protector);
    if (again !== undefined) return await putInOrder(files, again, protector);
    if (!mayMake) throw new SealaneError('key-missing');
    return await create(files, protector);
  } finally {
    await lock.release();
  }
}

/** Whether there is a key file, or its copy, whatever is in it. */
export async function hasKeyFile(file: string): Promise<boolean> {
  const isThere = (each: string): Promise<boolean> =>
    access(each).then(
      () => true,
      () => false,
    );
  return (await isThere(file)) || (await isThere(`${file}.copy`));
}

async function openFolderOf(file: string): Promise<string> {
  try {
    return await openProfileFolder(dirname(file));
  } catch (error) {
    if (error instanceof SealaneError) throw error;
    throw unusable('no profile folder', error);
  }
}

interface Found {
  readonly identity: Identity;
  readonly record: KeyRecord;
  readonly text: string;
  /** Whether both files say just this. */
  readonly complete: boolean;
}

function loaded({ identity, record }: Pick<Found, 'identity' | 'record'>, created = false): LoadedIdentity {
  return { identity, protection: record.protector === UNPROTECTED ? 'file' : 'keychain', created };
}

function isInOrder(found: Found, protector: KeyProtector | undefined): boolean {
  return found.complete && (found.record.protector !== UNPROTECTED || protector === undefined);
}

/** What the files hold, the main one before the copy; undefined when there are none. */
async function find(files: KeyFiles, protector: KeyProtector | undefined): Promise<Found | undefined> {
  let slots: readonly KeySlot[];
  try {
    slots = await files.read();
  } catch (error) {
    throw unusable('key file cannot be read', error);
  }
  for (const slot of slots) {
    if (slot.state !== 'sound') continue;
    const identity = await openKey(slot.record, protector);
    if (identity === undefined) continue;
    const { record, text } = slot;
    const complete = slots.every((other) => other.state === 'sound' && other.text === text);
    return { identity, record, text, complete };
  }
  if (slots.every(({ state }) => state === 'absent')) return undefined;
  if (slots.some(({ state }) => state === 'newer')) throw unusable('a newer version wrote the key file');
  throw new SealaneError('profile-damaged', { detail: 'no sound key file' });
}

/** Call under the lock, once there was seen to be none. */
async function create(files: KeyFiles, protector: KeyProtector | undefined): Promise<LoadedIdentity> {
  const identity = await generateIdentity();
  const record = (await protectedRecord(identity, protector)) ?? openRecord(identity);
  try {
    await files.write(formatKeyRecord(record));
  } catch (error) {
    throw unusable('key file cannot be written', error);
  }
  return loaded({ identity, record }, true);
}

/** Repairs and re-protects. The key is at hand already, so a failure here waits for the next start. */
async function putInOrder(
  files: KeyFiles,
  found: Found,
  protector: KeyProtector | undefined,
): Promise<LoadedIdentity> {
  const stronger =
    found.record.protector === UNPROTECTED ? await protectedRecord(found.identity, protector) : undefined;
  const record = stronger ?? found.record;
  if (found.complete && stronger === undefined) return loaded(found);
  try {
    await files.write(stronger === undefined ? found.text : formatKeyRecord(stronger));
    return loaded({ identity: found.identity, record });
  } catch {
    return loaded(found);
  }
}

function openRecord(identity: Identity): KeyRecord {
  return {
    protector: UNPROTECTED,
    id: identity.id,
    certificate: identity.certificatePem,
    key: exportIdentity(identity),
  };
}

/** The key under the protector; undefined without one, or when what it sealed does not come back the same. */
async function protectedRecord(
  identity: Identity,
  protector: KeyProtector | undefined,
): Promise<KeyRecord | undefined> {
  if (protector === undefined) return undefined;
  const plain = exportIdentity(identity);
  try {
    const key = new Uint8Array(await protector.protect(plain));
    const back = await protector.unprotect(key);
    const same = Buffer.from(plain).equals(back);
    back.fill(0);
    if (!same) return undefined;
    return { protector: protector.name, id: identity.id, certificate: identity.certificatePem, key };
  } catch {
    return undefined;
  } finally {
    plain.fill(0);
  }
}

/** The identity in a record; undefined when it holds another key than it says, or none. */
async function openKey(
  record: KeyRecord,
  protector: KeyProtector | undefined,
): Promise<Identity | undefined> {
  let plain: Uint8Array = record.key;
  if (record.protector !== UNPROTECTED) {
    if (protector?.name !== record.protector) throw locked(`the key is under ${record.protector}`);
    try {
      plain = await protector.unprotect(record.key);
    } catch (error) {
      throw locked('the keychain does not open the key', error);
    }
  }
  try {
    const identity = await importIdentity(plain, record.certificate);
    return identity.id === record.id ? identity : undefined;
  } catch {
    return undefined;
  } finally {
    if (plain !== record.key) plain.fill(0);
  }
}

function unusable(detail: string, cause?: unknown): SealaneError {
  return new SealaneError('profile-unusable', { detail, cause });
}

function locked(detail: string, cause?: unknown): SealaneError {
  return new SealaneError('key-locked', { detail, cause });
}
