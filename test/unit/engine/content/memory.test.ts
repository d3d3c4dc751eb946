import { closeSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FRAME_HEADER_BYTES } from '../../../../shared/limits.ts';
import { createContentSender } from '../../../../src-main/engine/content/sender-handle.ts';
import { START, TRANSFER, newFolder, newKey, receiverFor } from './support.ts';
import { offeredAfter } from '../../../support/offers.ts';

const MIB = 1024 * 1024;
const SIZE = 1024 * MIB;

describe('memory', () => {
  it('does not grow with the size of a file: 1 GiB from worker to worker', { timeout: 300_000 }, async () => {
    const source = newFolder();
    const file = openSync(join(source, 'large'), 'w');
    ftruncateSync(file, SIZE);
    closeSync(file);

    const sender = createContentSender();
    onTestFinished(() => sender.close());
    const manifestFile = join(newFolder(), 'manifest');
    const never = new AbortController().signal;
    const walked = await sender.scan([join(source, 'large')], manifestFile, () => undefined, never);
    const offered = offeredAfter(walked);
    const key = newKey();
    const keyThere = Uint8Array.from(key);
    const { header } = await sender.begin({ manifestFile, transfer: TRANSFER, key, from: START });
    const destination = newFolder();
    const receiver = await receiverFor({ key: keyThere, header, offered }, destination);

    const before = process.memoryUsage.rss();
    let most = before;
    for (let frame = await sender.next(); frame !== null; frame = await sender.next()) {
      const body = frame.bytes.subarray(FRAME_HEADER_BYTES);
      // As the socket does: bytes come out of one piece of memory and into another.
      const arrived = new Uint8Array(receiver.buffer(), 0, body.length);
      arrived.set(body);
      frame.release();
      await receiver.write(arrived);
      most = Math.max(most, process.memoryUsage.rss());
    }
    await receiver.finished;
    expect((await receiver.publish()).bytes).toBe(SIZE);
    expect(statSync(join(destination, 'large')).size).toBe(SIZE);
    expect((most - before) / MIB).toBeLessThan(200);
  });
});
