import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inProfile, systemCode } from '../store/failure.ts';

/** In a transfer's folder: which process works on it, so that no second one of the same profile does. */
export const OWNER_FILE = 'owner.json';

const ownerSchema = z.strictObject({
  pid: z.number().int().positive(),
  /** When that process began, as the system counts it; a number that comes back for another process is told apart by it. Null where the system does not say. */
  began: z.string().nullable(),
});

/** Marks the transfer's folder as this process's. Throws `profile-unusable`. */
export async function claim(folder: string): Promise<void> {
  const owner = { pid: process.pid, began: await beginningOf(process.pid) };
  await inProfile(() => writeFile(join(folder, OWNER_FILE), JSON.stringify(owner), { mode: 0o600 }));
}

/** Takes the mark away. */
export async function release(folder: string): Promise<void> {
  await rm(join(folder, OWNER_FILE), { force: true });
}

/** Whether another living process works on the transfer of this folder. */
export async function isClaimedByAnother(folder: string): Promise<boolean> {
  const owner = await ownerOf(folder);
  return owner !== undefined && owner !== process.pid;
}

/** Whether any living process does, this one included. */
export async function isClaimed(folder: string): Promise<boolean> {
  return (await ownerOf(folder)) !== undefined;
}

/** The living process that works on it; undefined when there is none. */
async function ownerOf(folder: string): Promise<number | undefined> {
  try {
    const { pid, began } = ownerSchema.parse(JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8')));
    return isAlive(pid) && began === (await beginningOf(pid)) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is alive too.
    return systemCode(error) === 'EPERM';
  }
}

/** What a process that has ended is, until its parent has asked how: it has a number still, and does nothing any more. */
const ENDED = ['Z', 'X'];

/**
 * Linux: the 22nd field of /proc/PID/stat (proc(5)), counted behind the command's name, which may hold anything. Another value than
 * that of a living process for one that has ended.
 */
async function beginningOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ENDED.includes(fields[0] ?? '') ? 'ended' : (fields[19] ?? null);
  } catch {
    return null;
  }
}
