import { describe, expect, it } from 'vitest';
import { Turns } from '../../../../src-main/engine/transfer/turns.ts';

describe('turns', () => {
  it('are taken one after another on one thing, also behind one that failed, and at once on others', async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = turns.take('a', async () => {
      log.push('first begins');
      await gate;
      log.push('first fails');
      throw new RangeError('first');
    });
    const second = turns.take('a', () => {
      log.push('second');
      return Promise.resolve(2);
    });
    expect(await turns.take('b', () => Promise.resolve(log.push('other')))).toBe(2);
    open();
    await expect(first).rejects.toThrow('first');
    expect(await second).toBe(2);
    expect(log).toEqual(['first begins', 'other', 'first fails', 'second']);
    expect(await turns.take('a', () => Promise.resolve(3))).toBe(3);
  });
});
