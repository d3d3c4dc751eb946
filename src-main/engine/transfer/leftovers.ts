import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ERRORS } from '../../../shared/errors.ts';
import { isOver } from '../../../shared/views.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';

/** In a transfer's folder: which process works on it. */
const OWNER_FILE = 'owner.json';
const ownerSchema = z.strictObject({ pid: z.number().int().positive() });

/** Makes the transfer's folder in the profile and marks it as this process's. Resolves with the folder. */
export async function openTransferFolder(store: Store, id: TransferId): Promise<string> {
  const folder = await store.transferFolder(id);
  await writeFile(join(folder, OWNER_FILE), JSON.stringify({ pid: process.pid }), { mode: 0o600 });
  return folder;
}

/** Transfers that a process left unfinished when it ended are told as such; those of a living process are left alone. */
export async function settleLeftovers(store: Store): Promise<void> {
  for (const view of store.history.list()) {
    if (isOver(view.state)) continue;
    const folder = await store.transferFolder(view.id);
    if (await isOwnerAlive(folder)) continue;
    const error = { code: 'interrupted' as const, message: ERRORS.interrupted.message };
    await store.history.put({ ...view, state: { kind: 'failed', error } });
    await store.removeTransferFolder(view.id);
  }
}

async function isOwnerAlive(folder: string): Promise<boolean> {
  try {
    const { pid } = ownerSchema.parse(JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8')));
    if (pid === process.pid) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
