import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { Until } from '../../../../src-main/engine/transfer/until.ts';

setFlagsFromString('--expose-gc');
const collect = z.custom<() => void>((value) => typeof value === 'function').parse(runInNewContext('gc'));

const never = new Promise<number>(() => undefined);

describe('waiting until something is over', () => {
  it('gives what comes, and nothing any more once it is over', async () => {
    let end: () => void = () => undefined;
    const until = new Until(
      new Promise<void>((resolve) => {
        end = resolve;
      }),
    );
    expect(await until.wait(Promise.resolve(1))).toBe(1);
    await expect(until.wait(Promise.reject(new RangeError('lost')))).rejects.toThrow('lost');
    const waiting = until.wait(never);
    end();
    expect(await waiting).toBeUndefined();
    expect(await until.wait(never)).toBeUndefined();
  });

  it('fails when the end does, while it waits and afterwards: what will not come is not waited for', async () => {
    let fail: (error: Error) => void = () => undefined;
    const until = new Until(
      new Promise<void>((_resolve, reject) => {
        fail = reject;
      }),
    );
    const waiting = until.wait(never);
    fail(new RangeError('no end'));
    await expect(waiting).rejects.toThrow('no end');
    await expect(until.wait(never)).rejects.toThrow('no end');
  });

  it('leaves nothing behind, however often', async () => {
    const until = new Until(never);
    collect();
    const before = process.memoryUsage().heapUsed;
    // What 50 GB come in.
    for (let i = 0; i < 50_000; i += 1) await until.wait(Promise.resolve({ chunk: i }));
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(4 * 1024 * 1024);
    expect(await until.wait(Promise.resolve(1))).toBe(1);
  });
});
