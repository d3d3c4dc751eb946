import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { transferIdSchema } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import { DEFAULT_EXPIRE_DAYS } from './contract.ts';
import type { DocumentName, Store } from './contract.ts';
import { Details } from './details.ts';
import { Trust, devicesSchema } from './devices.ts';
import { openDocument } from './document.ts';
import type { DocumentOptions } from './document.ts';
import { FarewellFiles } from './farewells.ts';
import { IdleNotes } from './idle-notes.ts';
import { inProfile, systemCode } from './failure.ts';
import { History, historySchema } from './history.ts';
import { inviteStore, invitesSchema } from './invites.ts';
import { createLock } from './lock.ts';
import { refuseOccupied } from './own-folder.ts';
import { openProfileFolder } from './profile-folder.ts';
import { settingsSchema, settingsStore } from './settings.ts';
import { LOCK_SUFFIX, claimTransfer } from './transfer-claim.ts';
import { watchDocuments } from './watch.ts';
import { Wishes } from './wishes.ts';

export interface StoreOptions {
  /** The folder of the profile; made when absent. */
  readonly profile: string;
  /** This device's name if the profile is new. */
  readonly defaultName: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether the profile was in use before, so that a document that is not there was lost. Default: false. */
  readonly isKnown?: boolean;
}

async function transferIdsIn(folder: string): Promise<readonly TransferId[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  // Of one whose process was killed at its very end, its lock alone may be there.
  const ids = names.flatMap((name) => {
    const id = transferIdSchema.safeParse(
      name.endsWith(LOCK_SUFFIX) ? name.slice(0, -LOCK_SUFFIX.length) : name,
    );
    return id.success ? [id.data] : [];
  });
  return [...new Set(ids)];
}

/**
 * Opens the store in a profile's folder, mending what is damaged. Throws `profile-unusable`,
 * `profile-exposed`, `profile-occupied`, `profile-unmounted`.
 */
export async function openStore({
  profile,
  defaultName,
  now,
  isKnown = false,
}: StoreOptions): Promise<Store> {
  await refuseOccupied(profile);
  const folder = await inProfile(() => openProfileFolder(profile));
  const lock = createLock(folder);
  const open = <T>(name: DocumentName, content: Pick<DocumentOptions<T>, 'schema' | 'empty'>) =>
    openDocument<T>({ folder, name, lock, isKnown, ...content });
  const [trusted, invites, settings, transfers] = await Promise.all([
    open('devices', { schema: devicesSchema, empty: () => [] }),
    open('invites', { schema: invitesSchema, empty: () => [] }),
    open('settings', {
      schema: settingsSchema,
      empty: () => ({ name: defaultName, port: 0, downloads: null, expireAfterDays: DEFAULT_EXPIRE_DAYS }),
    }),
    open('history', { schema: historySchema, empty: () => [] }),
  ]);
  const documents = new Map<
    DocumentName,
    typeof trusted | typeof invites | typeof settings | typeof transfers
  >([
    ['devices', trusted],
    ['invites', invites],
    ['settings', settings],
    ['history', transfers],
  ]);
  const unwatch = watchDocuments(folder, documents);
  const devices = new Trust(trusted);
  const history = new History(transfers, now);
  const transfersFolder = join(folder, 'transfers');
  const transferIds = (): Promise<readonly TransferId[]> => inProfile(() => transferIdsIn(transfersFolder));
  const details = new Details({
    folder: join(folder, 'details'),
    views: () => history.list(),
    unfinished: transferIds,
  });
  const unsubscribe = history.onChange(() => {
    details.sweep();
  });
  details.sweep();

  return {
    get losses() {
      return [...documents].filter(([, document]) => document.lost).map(([name]) => name);
    },
    devices,
    invites: inviteStore(invites, now),
    settings: settingsStore(settings),
    history,
    details,
    transferFolder: (id) => join(transfersFolder, id),
    wishes: new Wishes(transfersFolder),
    idle: new IdleNotes(folder, transfersFolder),
    farewells: new FarewellFiles(transfersFolder, now),
    claimTransfer: (id) => claimTransfer(transfersFolder, id),
    transferIds,
    close: async () => {
      unwatch();
      unsubscribe();
      try {
        await Promise.all([devices.flush(), history.flush(), details.idle()]);
      } finally {
        // What nobody waits for, such as when a device was last seen, is not to be written after this.
        await lock.idle();
      }
    },
  };
}
