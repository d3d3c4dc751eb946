import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finishPublishing } from '../../../../src-main/engine/content/leftover.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { offeredOf } from '../../../support/offers.ts';
import { lay, picture, systemError } from '../files/world.ts';
import { Stage, file, finish, folder, skip } from './play.ts';
import { newFolder } from './support.ts';

/** What is noted beside what is received. */
const NOTED = ['journal', 'moved'];

/**
 * The disks of a computer whose power is cut at a sync of the destination behind the first link, or before the `n`th link. The
 * destination keeps all that was done in it, synced or not: so some file systems do. Of what is noted the profile keeps what was synced.
 */
class PowerCut {
  readonly disk: Disk;
  readonly #kept = newFolder();
  readonly #journalFolder: string;
  #links = 0;
  #isOff = false;

  constructor(journalFolder: string, n?: number) {
    this.#journalFolder = journalFolder;
    this.disk = {
      ...nodeDisk,
      link: (from, to) => {
        this.#links += 1;
        if (this.#links === n) this.#isOff = true;
        this.#check();
        nodeDisk.link(from, to);
      },
      rename: (from, to) => {
        this.#check();
        nodeDisk.rename(from, to);
      },
      sync: async (fd) => {
        if (this.#links > 0) this.#isOff = true;
        this.#check();
        await nodeDisk.sync(fd);
        this.#keep();
      },
      syncNow: (fd) => {
        this.#check();
        nodeDisk.syncNow(fd);
        this.#keep();
      },
    };
  }

  /** What is there once the power is back. */
  comeBack(): void {
    for (const name of NOTED) {
      const path = join(this.#journalFolder, name);
      rmSync(path, { force: true });
      if (existsSync(join(this.#kept, name))) copyFileSync(join(this.#kept, name), path);
    }
  }

  /** Which file is synced is not told apart: the caller notes nothing before it syncs what it noted last. */
  #keep(): void {
    for (const name of NOTED) {
      const path = join(this.#journalFolder, name);
      if (existsSync(path)) copyFileSync(path, join(this.#kept, name));
    }
  }

  #check(): void {
    if (this.#isOff) throw systemError('EIO');
  }
}

/** Publishes until the power is cut. */
async function publish(stage: Stage, n?: number): Promise<void> {
  const cut = new PowerCut(stage.journalFolder, n);
  stage.disk = cut.disk;
  await stage.reconnect();
  await stage.play(finish(stage.reception));
  await expect(stage.publish()).rejects.toThrow();
  await stage.cut();
  cut.comeBack();
}

describe('what a power cut leaves of a publication', () => {
  it('is told by its name, where all of it was there and nothing of that was noted but before', async () => {
    const stage = new Stage(join(newFolder(), 'in'));
    stage.connect();
    await stage.play(file('a', 'x'), skip('left'));
    await publish(stage);
    expect(picture(stage.destination)).toEqual(expect.objectContaining({ a: 'x' }));
    expect(await finishPublishing(stage.journalFolder)).toMatchObject({
      names: ['a'],
      files: 1,
      skippedCount: 1,
      skipped: [{ path: 'left', reason: 'vanished' }],
    });
    expect(picture(stage.destination)).toEqual({ a: 'x' });
  });

  it('is told by the other name that it got, and not for taken away', async () => {
    const stage = new Stage();
    lay(stage.destination, { a: 'mine, of another size', 'f/mine': '' });
    stage.connect();
    await stage.play(file('a', 'x'), folder('f'), file('f/b', 'yy'));
    await publish(stage);
    expect(await finishPublishing(stage.journalFolder)).toMatchObject({
      names: ['a (2)', 'f (2)'],
      files: 2,
      skippedCount: 0,
      renamed: [
        { from: 'a', to: 'a (2)' },
        { from: 'f', to: 'f (2)' },
      ],
      renamedCount: 2,
    });
  });

  it.each([undefined, 1, 2, 17, 256, 257, 258, 290])(
    'is told by its names, also of several hundred, at whichever link (%s)',
    async (n) => {
      const many = 300;
      const names = Array.from({ length: many }, (_, each) => String(each).padStart(3, '0'));
      const stage = new Stage();
      stage.offered = offeredOf({ itemCount: many, files: many, folders: 0, bytes: many });
      lay(stage.destination, Object.fromEntries(names.map((name) => [name, 'mine'])));
      stage.connect();
      for (const name of names) await stage.play(file(name, 'x'));
      await publish(stage, n);
      const summary = await finishPublishing(stage.journalFolder);
      expect(summary).toMatchObject({ files: many, skippedCount: 0, renamedCount: many });
      expect(new Set(summary?.names).size).toBe(16);
      for (const name of summary?.names ?? []) expect(name).toMatch(/^\d{3} \(2\)$/);
      expect(readdirSync(stage.destination).sort()).toEqual(
        names.flatMap((name) => [name, `${name} (2)`]).sort(),
      );
    },
  );
});
