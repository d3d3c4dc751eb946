import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTerminalLane } from './lanes/sealane-terminal.ts';
import type { Cost } from './watch.ts';
import { makeSmallFiles, measureTree, sizeText } from './works.ts';
import type { Work } from './works.ts';

/** `npm run bench -- --memory`: what each side holds in memory beyond what it holds at rest, whatever is sent. */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

interface Load {
  readonly title: string;
  /** What arrives, in bytes on a disk. */
  readonly bytes: number;
  readonly make: (folder: string) => Promise<string>;
}

/** A file of nothing takes no room until it has arrived. */
const sparse = (size: number) => async (folder: string) => {
  const path = join(folder, 'sparse.bin');
  const file = await open(path, 'wx');
  await file.truncate(size);
  await file.close();
  return path;
};

const many = (count: number, size: number) => async (folder: string) => {
  const path = join(folder, 'many');
  await makeSmallFiles(path, count, size);
  return path;
};

const FULL: readonly Load[] = [
  { title: 'one file of 1 GiB', bytes: GIB, make: sparse(GIB) },
  { title: 'one file of 32 GiB', bytes: 32 * GIB, make: sparse(32 * GIB) },
  // A block each.
  { title: '200,000 files of 1 KiB', bytes: 200_000 * 4096, make: many(200_000, 1024) },
];

const QUICK: readonly Load[] = [
  { title: 'one file of 64 MiB', bytes: 64 * MIB, make: sparse(64 * MIB) },
  { title: '1,000 files of 1 KiB', bytes: 1000 * 4096, make: many(1000, 1024) },
];

const RESERVE_BYTES = GIB;

/** Measures them one after another on the disk of the system's temporary folder. Gives a table; what has no room is named in it. */
export async function measureMemory({ quick }: { readonly quick: boolean }): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'sealane-bench-'));
  const lines: string[] = [];
  try {
    const lane = await openTerminalLane({ folder: root });
    for (const load of quick ? QUICK : FULL) {
      const { bavail, bsize } = await statfs(root);
      if (bavail * bsize < load.bytes + RESERVE_BYTES) {
        lines.push(
          `${load.title}: no room; ${sizeText(load.bytes + RESERVE_BYTES)} are needed in ${tmpdir()}`,
        );
        continue;
      }
      const path = await load.make(root);
      const target = await mkdtemp(join(root, 'target-'));
      const work: Work = {
        key: 'file',
        title: load.title,
        path,
        isFolder: false,
        ...(await measureTree(path)),
      };
      const { sender, receiver, seconds } = await lane.run(work, target);
      lines.push(
        `${load.title}: sender ${sideText(sender)}, receiver ${sideText(receiver)}; ${seconds.toFixed(1)} s`,
      );
      process.stderr.write(`${lines.at(-1) ?? ''}\n`);
      await Promise.all([path, target].map((each) => rm(each, { recursive: true })));
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return ['Peak memory of the terminal command, and how much of it is over rest:', ...lines, ''].join('\n');
}

function sideText({ peakBytes, idleBytes }: Cost): string {
  const mib = (bytes: number): string => (bytes / MIB).toFixed(0);
  return `${mib(peakBytes)} MiB (${mib(peakBytes - (idleBytes ?? 0))} over)`;
}
