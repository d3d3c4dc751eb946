import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { Checkpoints } from '../../../../src-main/engine/content/checkpoints.ts';
import { codeOf } from '../support.ts';

const MIB = 1024 * 1024;

/** Checkpoints whose syncs end when the test says so. */
class Desk {
  pending = { bytes: 0, files: 0, entries: 0 };
  taken = 0;
  #finish: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  readonly checkpoints: Checkpoints;

  constructor(totalBytes?: number) {
    this.checkpoints = new Checkpoints(this.#take, () => this.pending, totalBytes);
  }

  readonly #take = (): Promise<void> => {
    this.taken += 1;
    this.pending = { bytes: 0, files: 0, entries: 0 };
    return new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
  };

  get isRunning(): boolean {
    return this.#finish !== undefined;
  }

  /** The sync is through. */
  async finish(error?: unknown): Promise<void> {
    const finish = this.#finish;
    this.#finish = undefined;
    if (error === undefined) finish?.resolve();
    else finish?.reject(error);
    await new Promise((resolve) => setImmediate(resolve));
  }

  write(bytes: number, files = 0, entries = 0): boolean {
    const { pending } = this;
    this.pending = {
      bytes: pending.bytes + bytes,
      files: pending.files + files,
      entries: pending.entries + entries,
    };
    return this.checkpoints.poke();
  }
}

describe('checkpoints', () => {
  it.each([
    ['small', 100 * MIB, MIB],
    ['of 4 GiB', 4096 * MIB, 12.8 * MIB],
    ['without end', Number.MAX_SAFE_INTEGER, 16 * MIB],
  ] as const)(
    'of a transfer %s begin after a share of it, and four times that is too much',
    (_what, total, share) => {
      const desk = new Desk(total);
      expect(desk.write(share - 2048)).toBe(true);
      expect(desk.taken).toBe(0);
      expect(desk.write(4096)).toBe(true);
      expect(desk.taken).toBe(1);
      expect(desk.write(4 * share - 4096)).toBe(true);
      expect(desk.write(4096)).toBe(false);
      expect(desk.taken).toBe(1);
    },
  );

  it.each([
    ['1 MiB', [MIB, 0, 0]],
    ['64 files', [0, 64, 0]],
    ['4096 entries', [0, 0, 4096]],
  ] as const)('begin after %s, while writing goes on', (_what, [bytes, files, entries]) => {
    const desk = new Desk();
    expect(desk.write(Math.max(0, bytes - 1), Math.max(0, files - 1), Math.max(0, entries - 1))).toBe(true);
    expect(desk.taken).toBe(0);
    expect(desk.write(1, 1, 1)).toBe(true);
    expect(desk.taken).toBe(1);
  });

  it('follow one another, never two at once, and stop writing that is far ahead', async () => {
    const desk = new Desk();
    desk.write(4 * MIB);
    expect(desk.write(3 * MIB)).toBe(true);
    expect(desk.taken).toBe(1);
    expect(desk.write(MIB)).toBe(false);
    let hasRoom = false;
    const room = desk.checkpoints.room().then(() => {
      hasRoom = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    await desk.finish();
    await room;
    expect(desk.taken).toBe(2);
  });

  it('are taken of little, too, when nothing more comes', async () => {
    const desk = new Desk();
    desk.write(1, 0, 0);
    expect(desk.taken).toBe(0);
    await expect.poll(() => desk.taken).toBe(1);
    await desk.finish();
    desk.checkpoints.poke();
    expect(desk.taken).toBe(1);
  });

  it('settle: one after the one under way, and none when there is nothing', async () => {
    const desk = new Desk();
    await desk.checkpoints.settle();
    expect(desk.taken).toBe(0);
    desk.write(4 * MIB);
    desk.write(1);
    const settled = desk.checkpoints.settle();
    await desk.finish();
    expect(desk.taken).toBe(2);
    await desk.finish();
    await settled;
    expect(desk.taken).toBe(2);
  });

  it('that fail are told by whatever comes next, and are the last', async () => {
    const desk = new Desk();
    desk.write(4 * MIB);
    await desk.finish(new SealaneError('no-space'));
    expect(desk.write(1)).toBe(false);
    expect(await codeOf(() => desk.checkpoints.room())).toBe('no-space');
    expect(await codeOf(() => desk.checkpoints.settle())).toBe('no-space');
    expect(desk.taken).toBe(1);
  });

  it('end: what is under way is waited for, and nothing is begun', async () => {
    const desk = new Desk();
    desk.write(4 * MIB);
    desk.write(9 * MIB);
    const waiting = codeOf(() => desk.checkpoints.room());
    let isOver = false;
    const over = desk.checkpoints.end().then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    await desk.finish();
    await over;
    expect(await waiting).toBe('cancelled');
    expect(await codeOf(() => desk.checkpoints.settle())).toBe('cancelled');
    expect(desk.taken).toBe(1);
    await desk.checkpoints.end();
  });
});
