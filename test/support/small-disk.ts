import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Whether this process may mount: Linux, and root. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A file system in memory, so small that it can be filled, and that can be made read-only. For root on Linux. */
export class SmallDisk {
  /** Where it is mounted. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(bytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'sealane-disk-'));
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${String(bytes)},mode=0755`, 'sealane-test', folder]);
    return new SmallDisk(folder);
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

  /** Gives the room back that `fill` took. */
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

  async dispose(): Promise<void> {
    // Whoever still holds something open keeps it until then.
    await execute('umount', ['-l', this.folder]);
    await rm(this.folder, { recursive: true });
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
