import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { transferIdSchema } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { DocumentName, Store } from './contract.ts';
import { deviceStore, devicesSchema } from './devices.ts';
import { openDocument } from './document.ts';
import type { DocumentOptions } from './document.ts';
import { inProfile, systemCode } from './failure.ts';
import { History, historySchema } from './history.ts';
import { inviteStore, invitesSchema } from './invites.ts';
import { createLock } from './lock.ts';
import { settingsSchema, settingsStore } from './settings.ts';
import { watchDocuments } from './watch.ts';

export interface StoreOptions {
  /** The folder of the profile; made when absent. */
  readonly profile: string;
  /** This device's name if the profile is new. */
  readonly defaultName: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Makes the folder, and keeps others out of it. A folder of somebody else stays as its owner has it. */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  if (process.getuid?.() !== uid || (mode & 0o077) === 0) return;
  // A sticky folder is meant for everybody (root's /tmp): closing it would break the system.
  if ((mode & 0o1000) !== 0) throw new SealaneError('profile-unusable', { detail: 'shared-folder' });
  await chmod(folder, 0o700);
}

async function transferIdsIn(folder: string): Promise<readonly TransferId[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => {
    const id = transferIdSchema.safeParse(name);
    return id.success ? [id.data] : [];
  });
}

/** Opens the store in a profile's folder, mending what is damaged. Throws `profile-unusable`. */
export async function openStore({ profile, defaultName, now }: StoreOptions): Promise<Store> {
  const folder = resolve(profile);
  await inProfile(() => makePrivate(folder));
  const lock = createLock(folder);
  const open = <T>(name: DocumentName, content: Pick<DocumentOptions<T>, 'schema' | 'empty'>) =>
    openDocument<T>({ folder, name, lock, ...content });
  const [devices, invites, settings, transfers] = await Promise.all([
    open('devices', { schema: devicesSchema, empty: () => [] }),
    open('invites', { schema: invitesSchema, empty: () => [] }),
    open('settings', {
      schema: settingsSchema,
      empty: () => ({ name: defaultName, port: 0, downloads: null }),
    }),
    open('history', { schema: historySchema, empty: () => [] }),
  ]);
  const documents = new Map<
    DocumentName,
    typeof devices | typeof invites | typeof settings | typeof transfers
  >([
    ['devices', devices],
    ['invites', invites],
    ['settings', settings],
    ['history', transfers],
  ]);
  const unwatch = watchDocuments(folder, documents);
  const history = new History(transfers);
  const transferFolder = (id: string): string => join(folder, 'transfers', id);

  return {
    get losses() {
      return [...documents].filter(([, document]) => document.lost).map(([name]) => name);
    },
    devices: deviceStore(devices),
    invites: inviteStore(invites, now),
    settings: settingsStore(settings),
    history,
    transferFolder: (id) =>
      inProfile(async () => {
        await mkdir(transferFolder(id), { recursive: true, mode: 0o700 });
        return transferFolder(id);
      }),
    transferIds: () => inProfile(() => transferIdsIn(join(folder, 'transfers'))),
    removeTransferFolder: (id) => inProfile(() => rm(transferFolder(id), { recursive: true, force: true })),
    close: async () => {
      unwatch();
      try {
        await history.flush();
      } finally {
        // What nobody waits for, such as when a device was last seen, is not to be written after this.
        await lock.idle();
      }
    },
  };
}
