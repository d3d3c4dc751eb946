import { onTestFinished } from 'vitest';
import { SmallDisk } from './small-disk.ts';

/** A small disk of `bytes` for the test that runs; it is gone once that and its `afterEach` are over. */
export async function diskOfTest(bytes: number, kind?: 'memory' | 'ext4'): Promise<SmallDisk> {
  const disk = await SmallDisk.make(bytes, kind);
  onTestFinished(() => disk.dispose());
  return disk;
}
