import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Crossing } from './crossing.ts';
import { newFolder, write } from './support.ts';

/** Files whose size is not what can be read of them: the system makes them up as they are read. */

const madeUp = ['/proc/self/status', '/proc/version', '/proc/meminfo', '/sys/kernel/uevent_seqnum'];

describe.runIf(process.platform === 'linux')('a file whose size is not true', () => {
  for (const path of madeUp) {
    it(`is left out with its reason: ${path}`, async () => {
      expect(readFileSync(path).length).not.toBe(statSync(path).size);
      const folder = newFolder();
      write(folder, 'kept', 'kept');
      const crossing = new Crossing(path, join(folder, 'kept'));
      await crossing.connect({ looks: false });
      const { files, skipped } = await crossing.finish();
      const name = path.slice(path.lastIndexOf('/') + 1);
      expect({ files, skipped }).toEqual({ files: 1, skipped: [{ path: name, reason: 'size-unknown' }] });
      expect(readdirSync(crossing.destination)).toEqual(['kept']);
    });
  }

  it('is no empty file that is one', async () => {
    const folder = newFolder();
    write(folder, 'item/empty', '');
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect({ looks: false });
    expect(await crossing.finish()).toMatchObject({ files: 1, skippedCount: 0 });
  });
});
