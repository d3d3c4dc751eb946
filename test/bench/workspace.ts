import { mkdir, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from './bench-error.ts';
import { keepWarm } from './warm-memory.ts';
import type { WarmMemory } from './warm-memory.ts';

/** statfs(2) names of file systems that lie in memory: tmpfs, ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6];

const MEMORY = '/dev/shm';

export interface Workspace {
  readonly root: string;
  /** A new folder in it. */
  readonly folder: (name: string) => Promise<string>;
  /** Memory for what comes next, so that it need not wait for the machine beneath to give it. */
  readonly keepWarm: (bytes: number) => Promise<WarmMemory>;
  readonly remove: () => Promise<void>;
}

/** Makes a folder in memory with room for `bytes`. Throws BenchError; `anywhere` takes a disk if there is no such place. */
export async function openWorkspace(
  bytes: number,
  { anywhere }: { readonly anywhere: boolean },
): Promise<Workspace> {
  const isThere = await stat(MEMORY).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isThere && !anywhere)
    throw new BenchError(`There is no ${MEMORY} here: this needs a file system in memory.`);
  const place = isThere ? MEMORY : tmpdir();
  const { type, bavail, bsize } = await statfs(place);
  if (!IN_MEMORY.includes(type) && !anywhere) throw new BenchError(`${MEMORY} does not lie in memory here.`);
  if (bavail * bsize < bytes) {
    const gib = (amount: number): string => (amount / 1024 ** 3).toFixed(1);
    throw new BenchError(`${place} has ${gib(bavail * bsize)} GiB free; ${gib(bytes)} GiB are needed.`);
  }
  const root = await mkdtemp(join(place, 'sealane-bench-'));
  return {
    root,
    folder: async (name) => {
      const path = join(root, name);
      await mkdir(path, { recursive: true });
      return path;
    },
    keepWarm: (bytes) => keepWarm(join(root, 'warm'), bytes),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
