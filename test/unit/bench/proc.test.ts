import { describe, expect, it } from 'vitest';
import { parseStat, processTree, readMemory, readTimes } from '../../bench/proc.ts';

describe('what Linux tells about processes', () => {
  it('is read from behind the name, which may hold anything', () => {
    const rest = 'S 17 1 1 0 -1 4194304 1 2 3 4 150 50 300 100 20 0 1 0 99';
    for (const name of ['node', 'a b', 'odd) S 99 (name']) {
      expect(parseStat(`42 (${name}) ${rest}`)).toEqual({ parent: 17, own: 2, children: 4 });
    }
  });

  it('is nothing for what is no such line', () => {
    for (const text of ['', 'nonsense', '42 (cut) S 17']) expect(parseStat(text)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is there for this very process, and for none that is gone', () => {
    expect(readTimes(process.pid)?.parent).toBe(process.ppid);
    expect(readTimes('self')?.own).toBeGreaterThan(0);
    const memory = readMemory(process.pid);
    expect(memory?.now).toBeGreaterThan(1024 * 1024);
    expect(memory?.peak).toBeGreaterThan(1024 * 1024);
    expect(processTree(process.pid)[0]).toBe(process.pid);
    expect(readTimes(2 ** 30)).toBeUndefined();
    expect(readMemory(2 ** 30)).toBeUndefined();
  });
});
