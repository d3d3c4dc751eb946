import { open, readFile } from 'node:fs/promises';

const STEP_BYTES = 16 * 1024 * 1024;

/**
 * How often each of these byte strings is in the memory that the process (a child of this one) can write.
 * Linux only.
 */
export async function copiesIn(pid: number, needles: readonly Buffer[]): Promise<readonly number[]> {
  const counts = needles.map(() => 0);
  const longest = Math.max(...needles.map(({ length }) => length));
  const maps = await readFile(`/proc/${String(pid)}/maps`, 'utf8');
  const memory = await open(`/proc/${String(pid)}/mem`, 'r');
  try {
    for (const [, from = '', to = ''] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)) {
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += STEP_BYTES) {
        const room = Buffer.alloc(Math.min(STEP_BYTES + longest - 1, end - at));
        // What was never touched, or has gone meanwhile, cannot be read and holds nothing.
        const { bytesRead } = await memory.read(room, 0, room.length, at).catch(() => ({ bytesRead: 0 }));
        needles.forEach((needle, index) => {
          const found = placesOf(needle, room.subarray(0, bytesRead)).filter((place) => place < STEP_BYTES);
          counts[index] = (counts[index] ?? 0) + found.length;
        });
      }
    }
  } finally {
    await memory.close();
  }
  return counts;
}

function placesOf(needle: Buffer, bytes: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) places.push(at);
  return places;
}
