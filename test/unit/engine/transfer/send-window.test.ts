import { describe, expect, it } from 'vitest';
import { SendWindow } from '../../../../src-main/engine/transfer/send-window.ts';

const MIB = 1024 * 1024;

/** Sends chunks of 1 MiB until there is no room; gives how many. */
async function fill(window: SendWindow): Promise<number> {
  for (let chunks = 0; ; chunks += 1) {
    if (!(await isOpen(window))) return chunks;
    window.sending(MIB);
  }
}

async function isOpen(window: SendWindow): Promise<boolean> {
  let hasRoom = false;
  void window.room().then(() => {
    hasRoom = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return hasRoom;
}

describe('what a sender is ahead of what is safe', () => {
  it.each([
    ['a small transfer', 10 * MIB, 4],
    ['1 GiB', 1024 * MIB, 13],
    ['1 TiB', 1024 ** 2 * MIB, 64],
  ])('is bounded for %s', async (_what, total, chunks) => {
    expect(await fill(new SendWindow(total))).toBe(chunks);
  });

  it('is nothing once all of it is safe, and when nobody is to wait any more', async () => {
    const window = new SendWindow(0);
    await window.empty();
    window.sending(MIB);
    window.sending(MIB);
    const told: string[] = [];
    const empty = window.empty().then(() => told.push('empty'));
    window.safe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
    window.safe(2);
    await empty;
    window.sending(MIB);
    const ended = window.empty();
    window.end();
    await ended;
  });

  it('may be as much again once that is safe, and only that', async () => {
    const window = new SendWindow(0);
    expect(await fill(window)).toBe(4);
    window.safe(0);
    expect(await isOpen(window)).toBe(false);
    window.safe(3);
    expect(await fill(window)).toBe(3);
    window.safe(7);
    expect(await fill(window)).toBe(4);
  });

  it('lets who waits go on as soon as there is room, or at the end', async () => {
    const window = new SendWindow(0);
    await fill(window);
    const room = window.room();
    window.safe(1);
    await room;
    window.sending(MIB);
    const end = window.room();
    window.end();
    await end;
    expect(await isOpen(window)).toBe(true);
  });

  it.each([
    ['more than were sent', [3]],
    ['fewer than before', [2, 1]],
  ])('is not believed: %s', (_what, said) => {
    const window = new SendWindow(0);
    window.sending(MIB);
    window.sending(MIB);
    expect(() => {
      for (const chunks of said) window.safe(chunks);
    }).toThrow(expect.objectContaining({ code: 'frame-out-of-order' }));
  });
});
