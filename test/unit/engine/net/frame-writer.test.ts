import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FrameWriter } from '../../../../src-main/engine/net/frame-writer.ts';

/** Takes one write at a time when told to, and could take several at once, as a TLS socket does. */
function slowSocket() {
  const writes: string[][] = [];
  let release: () => void = () => undefined;
  let isFinished = false;
  const socket = new Writable({
    write: (bytes: Buffer, _encoding, taken) => {
      writes.push([bytes.toString()]);
      release = taken;
    },
    writev: (chunks, taken) => {
      writes.push(chunks.map(({ chunk }) => String(chunk)));
      release = taken;
    },
    // The system's write is cancelled, and says so.
    destroy: (error, done) => {
      release();
      done(error);
    },
    final: (done) => {
      isFinished = true;
      done();
    },
  });
  socket.on('error', () => undefined);
  return {
    socket,
    writes,
    isFinished: () => isFinished,
    take: async () => {
      release();
      await turn();
    },
  };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a frame writer', () => {
  it('hands frames over one at a time, in order, and says when each has gone', async () => {
    const { socket, writes, take } = slowSocket();
    const said: string[] = [];
    const writer = new FrameWriter(socket, () => said.push('room'));
    for (const each of ['one', 'two', 'three']) {
      writer.write(bytes(each), () => said.push(each));
    }
    expect(writes).toEqual([['one']]);
    expect(writer.unflushedBytes).toBe(11);
    await take();
    expect(writes).toEqual([['one'], ['two']]);
    expect(writer.unflushedBytes).toBe(8);
    expect(said).toEqual(['one', 'room']);
    await take();
    await take();
    expect(writes).toEqual([['one'], ['two'], ['three']]);
    expect(writer.unflushedBytes).toBe(0);
    expect(said).toEqual(['one', 'room', 'two', 'room', 'three', 'room']);
  });

  it('ends the stream after all that was written', async () => {
    const { socket, writes, take, isFinished } = slowSocket();
    const writer = new FrameWriter(socket, () => undefined);
    for (const each of ['one', 'two', 'last words']) writer.write(bytes(each));
    writer.end();
    expect(isFinished()).toBe(false);
    await take();
    await take();
    expect(writes.flat()).toEqual(['one', 'two', 'last words']);
    expect(isFinished()).toBe(true);
  });

  it.each([
    { order: ['discard', 'destroy'] as const, when: 'before the socket ends' },
    { order: ['destroy', 'discard'] as const, when: 'after the socket ended' },
  ])('gives all memory back once when what waits is discarded $when', async ({ order }) => {
    const { socket, writes } = slowSocket();
    const given: string[] = [];
    const writer = new FrameWriter(socket, () => undefined);
    for (const each of ['one', 'two', 'three']) writer.write(bytes(each), () => given.push(each));
    for (const step of order) {
      if (step === 'discard') writer.discard();
      else socket.destroy();
    }
    await turn();
    expect(given.toSorted()).toEqual(['one', 'three', 'two']);
    expect(writes).toEqual([['one']]);
    expect(writer.unflushedBytes).toBe(0);
  });
});
