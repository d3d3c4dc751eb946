import { closeSync, ftruncateSync, openSync, rmSync, statfsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

const FILLING = Buffer.alloc(1024 * 1024);

/** Between two looks at how much has been used, in milliseconds. */
const LOOK_EVERY_MS = 25;

/** So much is given ahead of what is used, in bytes: several times what a fast program fills between two looks. */
const AHEAD_BYTES = 128 * 1024 * 1024;

export interface WarmMemory {
  /** Gives back what is left, and looks no longer. */
  readonly release: () => void;
}

/**
 * Fills a file in memory at `path` with `bytes` bytes, and lets go of it no sooner than others fill the same file system: what they
 * get was in use a moment before. On a virtual machine the system beneath takes memory that has been idle for some seconds, and getting
 * it back costs more than writing to it, which says nothing about the program that writes.
 */
export async function keepWarm(path: string, bytes: number): Promise<WarmMemory> {
  await writeFile(path, fillings(bytes), { flag: 'wx' });
  const file = openSync(path, 'r+');
  let held = bytes;
  const before = usedBytes(path) - held;
  const timer = setInterval(() => {
    const usedSince = usedBytes(path) - held - before;
    const wanted = Math.max(0, bytes - usedSince - AHEAD_BYTES);
    if (wanted >= held) return;
    ftruncateSync(file, wanted);
    held = wanted;
  }, LOOK_EVERY_MS);
  return {
    release: () => {
      clearInterval(timer);
      closeSync(file);
      rmSync(path);
    },
  };
}

function* fillings(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= FILLING.length) yield FILLING.subarray(0, left);
}

/** What is used of the file system that `path` lies in, in bytes. */
function usedBytes(path: string): number {
  const { blocks, bfree, bsize } = statfsSync(path);
  return (blocks - bfree) * bsize;
}
