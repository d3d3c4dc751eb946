import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { markFolder } from '../../../../src-main/engine/files/folder-mark.ts';
import { ListSpace } from '../../../../src-main/engine/files/list-space.ts';
import { openStaging } from '../../../../src-main/engine/files/open-staging.ts';
import { SideFile } from '../../../../src-main/engine/files/side-file.ts';
import { SpaceGuard } from '../../../../src-main/engine/files/space-guard.ts';
import { SpaceClaim, SpaceLedger } from '../../../../src-main/engine/files/space-ledger.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';
import { codeOf, create, newFolder, publish } from './world.ts';

const MIB = 1024 * 1024;
const RESERVE = 16 * MIB;

/** A stand-in for a disk of so many bytes: the real one, but for how much it says is free. */
class Room {
  free: number;
  freeInodes: number | null = null;
  readonly disk: Disk;

  constructor(free: number) {
    this.free = free;
    this.disk = {
      ...nodeDisk,
      space: (path) => ({ ...nodeDisk.space(path), freeBytes: this.free, freeInodes: this.freeInodes }),
      write: (fd, bytes) => {
        const written = nodeDisk.write(fd, bytes);
        this.free -= written;
        return written;
      },
    };
  }
}

function stageOf(destination: string, room: Room, bytes: number, ledger: SpaceLedger): Staging {
  return openStaging({
    destination,
    offered: { files: 1, folders: 0, bytes },
    journalFolder: newFolder(),
    disk: room.disk,
    space: new SpaceClaim(ledger.take()),
    onIntent: () => undefined,
  });
}

describe('transfers that receive onto one disk at once', () => {
  it('are promised no room twice, and what is kept free stays free', () => {
    const [room, ledger, destination] = [new Room(64 * MIB), new SpaceLedger(), newFolder()];
    const first = stageOf(destination, room, 40 * MIB, ledger);
    expect(codeOf(() => stageOf(destination, room, 40 * MIB, ledger))).toBe('no-space');
    const second = stageOf(destination, room, 7 * MIB, ledger);
    const [one, two] = [create(first, ['a'], 40 * MIB), create(second, ['b'], 7 * MIB)];
    for (let n = 0; n < 40; n += 1) {
      one.write(randomBytes(MIB));
      if (n < 7) two.write(randomBytes(MIB));
    }
    expect(room.free).toBeGreaterThanOrEqual(RESERVE);
    one.finish();
    two.finish();
    for (const staging of [first, second]) staging.discard();
  });

  it.each(['discard', 'release'] as const)('have it again once one of them is over: %s', (end) => {
    const [room, ledger, destination] = [new Room(64 * MIB), new SpaceLedger(), newFolder()];
    const first = stageOf(destination, room, 40 * MIB, ledger);
    first[end]();
    stageOf(destination, room, 40 * MIB, ledger).discard();
    if (end === 'release') first.discard();
  });

  it('have it again once one of them is published, but for what it took', async () => {
    const [room, ledger, destination] = [new Room(64 * MIB), new SpaceLedger(), newFolder()];
    const first = stageOf(destination, room, 20 * MIB, ledger);
    const file = create(first, ['a'], 20 * MIB);
    for (let n = 0; n < 20; n += 1) file.write(randomBytes(MIB));
    file.finish();
    await publish(first);
    expect(codeOf(() => stageOf(destination, room, 30 * MIB, ledger))).toBe('no-space');
    stageOf(destination, room, 20 * MIB, ledger).discard();
  });

  it('do not stand in the way of those on another disk', () => {
    const ledger = new SpaceLedger();
    const folder = markFolder(newFolder());
    const guard = (dev: bigint) =>
      new SpaceGuard({ ...folder, dev }, new Room(64 * MIB).disk, new SpaceClaim(ledger.take()));
    guard(1n).begin({ files: 1, folders: 0, bytes: 40 * MIB });
    guard(2n).begin({ files: 1, folders: 0, bytes: 40 * MIB });
    expect(
      codeOf(() => {
        guard(1n).begin({ files: 1, folders: 0, bytes: 40 * MIB });
      }),
    ).toBe('no-space');
  });
});

describe('a transfer that writes', () => {
  it('stops before it takes what is kept free, when somebody else fills the disk meanwhile', () => {
    const room = new Room(100 * MIB);
    const staging = stageOf(newFolder(), room, 40 * MIB, new SpaceLedger());
    const file = create(staging, ['a'], 40 * MIB);
    for (let n = 0; n < 10; n += 1) file.write(randomBytes(MIB));
    room.free -= 70 * MIB;
    const code = codeOf(() => {
      for (let n = 0; n < 30; n += 1) file.write(randomBytes(MIB / 2));
    });
    expect(code).toBe('no-space');
    expect(room.free).toBeGreaterThanOrEqual(RESERVE);
    expect(room.free).toBeLessThan(RESERVE + 2 * MIB);
    staging.discard();
  });

  it('of small files stops likewise', () => {
    const room = new Room(RESERVE + 8 * MIB);
    const staging = openStaging({
      destination: newFolder(),
      offered: { files: 1000, folders: 0, bytes: 2 * MIB },
      journalFolder: newFolder(),
      disk: room.disk,
      onIntent: () => undefined,
    });
    room.free -= 6 * MIB;
    const code = codeOf(() => {
      for (let n = 0; n < 1000; n += 1) {
        const file = create(staging, [String(n)], 4096);
        file.write(randomBytes(4096));
        file.finish();
      }
    });
    expect(code).toBe('no-space');
    expect(room.free).toBeGreaterThanOrEqual(RESERVE);
    staging.discard();
  });

  it.each(['folders', 'empty files'] as const)('of %s stops likewise', (kind) => {
    const room = new Room(RESERVE + 8 * MIB);
    const [files, folders] = kind === 'folders' ? [0, 2000] : [2000, 0];
    const staging = openStaging({
      destination: newFolder(),
      offered: { files, folders, bytes: 0 },
      journalFolder: newFolder(),
      disk: room.disk,
      onIntent: () => undefined,
    });
    // Where folders and names take blocks, each takes one.
    let made = 0;
    const code = codeOf(() => {
      for (; made < 2000; made += 1) {
        if (kind === 'folders') staging.makeFolder([String(made)], { mtimeUs: 0 });
        else create(staging, [String(made)], 0).finish();
        room.free -= 5000;
      }
    });
    expect(code).toBe('no-space');
    expect(made).toBeGreaterThan(1000);
    expect(room.free).toBeGreaterThan(RESERVE - MIB / 2);
    staging.discard();
  });

  it('stops before no file can be made any more, however much room there is', () => {
    const room = new Room(1024 * MIB);
    room.freeInodes = 3000;
    const demand = { files: 0, folders: 2000, bytes: 0 };
    const options = { journalFolder: newFolder(), disk: room.disk, onIntent: () => undefined };
    const staging = openStaging({ ...options, destination: newFolder(), offered: demand });
    room.freeInodes = 1500;
    expect(codeOf(() => openStaging({ ...options, destination: newFolder(), offered: demand }))).toBe(
      'no-space',
    );
    const code = codeOf(() => {
      for (let made = 0; made < 2000; made += 1) {
        staging.makeFolder([String(made)], { mtimeUs: 0 });
        room.freeInodes = (room.freeInodes ?? 0) - 1;
      }
    });
    expect(code).toBe('no-space');
    expect(room.freeInodes).toBeGreaterThan(100);
    staging.discard();
  });

  it('stops before the lists of its names take what is kept free, where the profile is on the same disk', () => {
    const room = new Room(RESERVE + 4 * MIB);
    const claim = new SpaceClaim(new SpaceLedger().take());
    const space = new ListSpace(newFolder(), room.disk, claim);
    const list = SideFile.create(join(newFolder(), 'list'), space);
    room.free = RESERVE + MIB;
    const code = codeOf(() => {
      for (let n = 0; n < 100_000; n += 1) {
        list.append('x'.repeat(999));
        room.free -= 1000;
      }
    });
    expect(code).toBe('no-space');
    expect(room.free).toBeGreaterThan(RESERVE - 64 * 1024 - 1000);
    list.close();
  });

  it('grants its lists nothing of what its files may write without asking', () => {
    const [room, folder] = [new Room(RESERVE + 8 * MIB), newFolder()];
    const claim = SpaceClaim.alone();
    const guard = new SpaceGuard(markFolder(folder), room.disk, claim);
    guard.begin({ files: 1, folders: 0, bytes: 4 * MIB });
    const space = new ListSpace(folder, room.disk, claim);
    space.take(8 * MIB);
    guard.take(1);
    expect(
      codeOf(() => {
        space.take(8 * MIB);
      }),
    ).toBe('no-space');
    space.take(7 * MIB);
    guard.end();
    space.take(8 * MIB);
  });

  it('goes on where the disk does not say how large it is', () => {
    const room = new Room(0);
    const disk = { ...room.disk, space: (path: string) => ({ ...nodeDisk.space(path), freeBytes: null }) };
    const guard = new SpaceGuard(markFolder(newFolder()), disk, SpaceClaim.alone());
    guard.begin({ files: 1, folders: 0, bytes: 10 });
    guard.take(100 * MIB);
    guard.end();
  });
});

describe('a place in the ledger', () => {
  it('that is taken is waited for by those that come later, until what it needs is known', async () => {
    const ledger = new SpaceLedger();
    const [first, second] = [ledger.take(), ledger.take()];
    const url = new URL('../../../../src-main/engine/files/space-ledger.ts', import.meta.url);
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       import(workerData.url).then(({ SpaceClaim }) => {
         const claim = new SpaceClaim(workerData.place);
         parentPort.postMessage('asks');
         claim.waitForEarlier();
         parentPort.postMessage(claim.others(7n));
       });`,
      { eval: true, workerData: { url: url.href, place: second } },
    );
    const claimLate = (): void => {
      new SpaceClaim(first).claim(7n, 123);
    };
    const said: unknown[] = [];
    const answered = new Promise<void>((resolve) => {
      worker.on('message', (message: unknown) => {
        said.push(message);
        if (message === 'asks') setTimeout(claimLate, 50);
        else resolve();
      });
    });
    await answered;
    expect(said).toEqual(['asks', { lacking: 123, granted: 0 }]);
    await worker.terminate();
  });

  it('is nobody’s once it is free, and then another one’s', () => {
    const ledger = new SpaceLedger();
    const one = ledger.take();
    new SpaceClaim(one).claim(1n, 5);
    const other = ledger.take();
    expect(new SpaceClaim(other).others(1n).lacking).toBe(5);
    ledger.free(one);
    expect(new SpaceClaim(other).others(1n).lacking).toBe(0);
    expect(ledger.take().place).toBe(one.place);
  });

  it('is not there for more than a ledger can hold: they are received all the same', () => {
    const ledger = new SpaceLedger();
    const places = Array.from({ length: 1025 }, () => ledger.take());
    for (const place of places) new SpaceClaim(place).claim(1n, 1);
    expect(places.at(-1)?.place).toBeUndefined();
    expect(new SpaceClaim(places[1024] ?? ledger.take()).others(1n).lacking).toBe(1024);
  });
});
