import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import type { Checkpoint } from '../../../../src-main/engine/content/journal-state.ts';
import { lay } from '../files/world.ts';
import { Stage, data, entry, file, folder } from './play.ts';
import { offeredOf } from '../../../support/offers.ts';

describe('large things', () => {
  it('20,000 files are gone on with', { timeout: 120_000 }, async () => {
    const stage = new Stage();
    // Nothing is to survive a power cut here.
    stage.disk = { ...stage.disk, sync: () => Promise.resolve() };
    stage.offered = offeredOf({ itemCount: 10, files: 30_000, folders: 1000, bytes: 1_000_000 });
    stage.connect();
    await stage.play(folder('f'));
    for (let n = 0; n < 20_000; n += 1) {
      if (n % 100 === 0) await stage.play(folder(`f/${String(n / 100)}`));
      await stage.play(file(`f/${String(Math.floor(n / 100))}/file ${String(n)}`, 'x'));
    }
    await stage.cut();
    lay(stage.tree('f', '7'), { unknown: 'x' });
    const started = performance.now();
    expect(stage.connect()).toEqual({ entry: 20_201, offset: 0 });
    process.stdout.write(
      `Reopening 20,000 files took ${String(Math.round(performance.now() - started))} ms.\n`,
    );
    expect(readdirSync(stage.tree('f', '7'))).toHaveLength(100);
    expect(stage.progress).toEqual({ bytes: 20_000, files: 20_000 });
  });

  it.runIf(existsSync('/proc/self/io'))('of 50 GB no byte is read', async () => {
    const GB = 1_000_000_000;
    const stage = new Stage();
    const { disk } = stage;
    stage.disk = { ...disk, space: (path) => ({ ...disk.space(path), freeBytes: null }) };
    stage.offered = offeredOf({ itemCount: 1, files: 1, folders: 0, bytes: 100 * GB });
    stage.connect();
    const beginning = entry('large', 100 * GB);
    await stage.play([beginning, data('x')]);
    await stage.cut();
    // As if half of it had come: the file is there, and the journal says so.
    const half = openSync(stage.tree('large'), 'r+');
    ftruncateSync(half, 50 * GB + 12_345);
    closeSync(half);
    const { journal, state } = Journal.open(stage.journalFolder) ?? expect.fail('no journal');
    journal.checkpoint(moved(state.checkpoint ?? expect.fail('no checkpoint'), 50 * GB), null);
    journal.close();

    const before = bytesRead();
    const started = performance.now();
    expect(stage.connect()).toEqual({ entry: 0, offset: 50 * GB });
    const took = performance.now() - started;
    process.stdout.write(`Reopening 50 GB of 100 took ${String(Math.round(took))} ms.\n`);
    expect(took).toBeLessThan(1000);
    expect(bytesRead() - before).toBeLessThan(1024 * 1024);
    await stage.play([beginning, data('y')]);
    expect(await stage.reconnect()).toEqual({ entry: 0, offset: 50 * GB + 1 });
    await stage.discard();
  });
});

function moved({ parser, landing, staging }: Checkpoint, offset: number): Checkpoint {
  const { partial } = staging;
  return {
    parser: { ...parser, offset },
    landing: { ...landing, received: offset },
    staging: { ...staging, partial: partial === null ? null : { ...partial, offset } },
  };
}

/** Bytes that this process has read by system calls. */
function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}
