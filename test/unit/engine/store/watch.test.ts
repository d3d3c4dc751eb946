import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { watchDocuments } from '../../../../src-main/engine/store/watch.ts';
import { temporaryFolder } from './support.ts';

/** Documents that count how often they are refreshed, and cannot be read. */
function watched(...names: string[]) {
  const counts = new Map(names.map((name) => [name, 0]));
  const refresh = (name: string): Promise<void> => {
    counts.set(name, count(name) + 1);
    return Promise.reject(new Error('unreadable'));
  };
  const count = (name: string): number => counts.get(name) ?? 0;
  const documents = new Map(names.map((name) => [name, { refresh: () => refresh(name) }]));
  return { documents, count };
}

describe('watching documents', () => {
  it('looks by itself where the system says nothing, until it is ended', async () => {
    const { documents, count } = watched('a', 'b');
    const stop = watchDocuments(join(await temporaryFolder(), 'cannot be watched'), documents);
    await expect.poll(() => Math.min(count('a'), count('b')), { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    stop();
    const last = count('a');
    await delay(700);
    expect(count('a')).toBe(last);
  });

  it('refreshes the document whose file changed', async () => {
    const folder = await temporaryFolder();
    const { documents, count } = watched('a', 'b');
    const stop = watchDocuments(folder, documents);
    await writeFile(join(folder, 'b.json'), '{}');
    await expect.poll(() => count('b') > count('a'), { timeout: 10_000 }).toBe(true);
    stop();
  });
});
