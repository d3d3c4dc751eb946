import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Whether this process may mount: Linux, and root. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * A file system so small that it can be filled, and that can be made read-only: in memory, or ext4 in a file, where folders take
 * room as they do on real disks. For root on Linux.
 */
export class SmallDisk {
  /** Where it is mounted. */
  readonly folder: string;

  readonly #image: string | undefined;

  private constructor(folder: string, image?: string) {
    this.folder = folder;
    this.#image = image;
  }

  static async make(bytes: number, kind: 'memory' | 'ext4' = 'memory'): Promise<SmallDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'sealane-disk-'));
    if (kind === 'memory') {
      const options = `size=${String(bytes)},mode=0755`;
      await execute('mount', ['-t', 'tmpfs', '-o', options, 'sealane-test', folder]);
      return new SmallDisk(folder);
    }
    const image = `${folder}.image`;
    await writeFile(image, '');
    await truncate(image, bytes);
    await execute('mkfs.ext4', ['-q', image]);
    await execute('mount', ['-o', 'loop', image, folder]);
    return new SmallDisk(folder, image);
  }

  /** Bytes that an ordinary user could still write. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** A new folder on it. */
  async place(name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path);
    return path;
  }

  /** Takes all the room there is, to the last byte. */
  fill(): void {
    const zeros = Buffer.alloc(1024 * 1024);
    const fd = openSync(this.#filler, constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND);
    try {
      for (;;) writeSync(fd, zeros);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(fd);
    }
  }

  /** Takes room until only so many bytes are free. */
  async leave(bytes: number): Promise<void> {
    await execute('fallocate', ['-l', String(this.free - bytes), this.#filler]);
  }

  /** Gives the room back that `fill` or `leave` took. */
  clear(): void {
    rmSync(this.#filler, { force: true });
  }

  /** Resolves once nothing can be written. The system waits for nobody who has a file open to write: it is asked until it agrees. */
  async makeReadOnly(): Promise<void> {
    for (;;) {
      try {
        await execute('mount', ['-o', 'remount,ro', this.folder]);
        return;
      } catch (error) {
        if (!String(error).includes('busy')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async makeWritable(): Promise<void> {
    await execute('mount', ['-o', 'remount,rw', this.folder]);
  }

  /** Of the kind `ext4`: takes the medium away, as a stick that is pulled out; nobody may have anything open on it. */
  async pullOut(): Promise<void> {
    await execute('umount', [this.folder]);
  }

  /** Puts it back in. */
  async plugIn(): Promise<void> {
    if (this.#image === undefined) throw new Error('a disk in memory is gone with its content');
    await execute('mount', ['-o', 'loop', this.#image, this.folder]);
  }

  async dispose(): Promise<void> {
    // Whoever still holds something open keeps it until then.
    await execute('umount', ['-l', this.folder]);
    await rm(this.folder, { recursive: true });
    if (this.#image !== undefined) await rm(this.#image);
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
