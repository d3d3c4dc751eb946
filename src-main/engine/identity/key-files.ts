import { open } from 'node:fs/promises';
import { writeDurably } from '../store/durable-file.ts';
import { systemCode } from '../store/failure.ts';
import { parseKeyRecord } from './key-record.ts';
import type { KeySlot } from './key-record.ts';

/** The key file and its copy on disk. Their methods reject with what the file system says. */
export class KeyFiles {
  readonly #main: string;
  readonly #copy: string;

  constructor(file: string) {
    this.#main = file;
    this.#copy = `${file}.copy`;
  }

  /** What they hold, the main one first. */
  async read(): Promise<readonly KeySlot[]> {
    return [await readSlot(this.#main), await readSlot(this.#copy)];
  }

  /**
   * Makes both hold `text`, the main one first. One that holds it already is not touched, so that mending the
   * one never risks the other. Call under the profile's lock.
   */
  async write(text: string): Promise<void> {
    const [main, copy] = await this.read();
    const isMainRight = main?.state === 'sound' && main.text === text;
    const isCopyRight = copy?.state === 'sound' && copy.text === text;
    if (!isMainRight && !isCopyRight) await writeDurably([this.#main, this.#copy], text);
    else if (!isMainRight) await writeDurably([this.#main], text);
    else if (!isCopyRight) await writeDurably([this.#copy], text);
  }
}

async function readSlot(file: string): Promise<KeySlot> {
  try {
    const handle = await open(file, 'r');
    try {
      // Only its owner may read it, whatever a restored backup made of it. Some file systems know no
      // permissions.
      if (process.platform !== 'win32' && ((await handle.stat()).mode & 0o077) !== 0) {
        await handle.chmod(0o600).catch(() => undefined);
      }
      return parseKeyRecord(await handle.readFile('utf8'));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { state: 'absent' };
    throw error;
  }
}
