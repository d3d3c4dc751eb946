import { once } from 'node:events';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDocument } from '../../../../src-main/engine/store/document.ts';
import type { Document } from '../../../../src-main/engine/store/document.ts';
import { encode } from '../../../../src-main/engine/store/envelope.ts';
import { createLock } from '../../../../src-main/engine/store/lock.ts';
import { rejectionCode, runFixture, startFixture, temporaryFolder } from './support.ts';

const MAIN = 'counter.json';
const COPY = 'counter.copy.json';

function openCounter(folder: string): Promise<Document<number>> {
  return openDocument({
    folder,
    name: 'counter',
    schema: z.number(),
    empty: () => 0,
    lock: createLock(folder),
  });
}

/** A folder whose counter stands at 7. */
async function folderWithSeven(): Promise<string> {
  const folder = await temporaryFolder();
  const counter = await openCounter(folder);
  await counter.change(() => [6, undefined]);
  await counter.change(() => [7, undefined]);
  return folder;
}

describe('a document', () => {
  it('begins with its empty state and keeps what it is changed to', async () => {
    const folder = await temporaryFolder();
    const counter = await openCounter(folder);
    expect(counter.read()).toBe(0);
    expect(await counter.change((n) => [n + 7, 'result'])).toBe('result');
    expect(counter.read()).toBe(7);
    const again = await openCounter(folder);
    expect([again.read(), again.lost]).toEqual([7, false]);
  });

  it('calls listeners once per change, before the change resolves, and never when nothing changed', async () => {
    const counter = await openCounter(await temporaryFolder());
    const heard: number[] = [];
    const stop = counter.onChange(() => heard.push(counter.read()));
    const change = counter.change(() => [1, undefined]).then(() => heard.push(-1));
    await change;
    await counter.change(() => [1, undefined]);
    await counter.refresh();
    expect(heard).toEqual([1, -1]);
    stop();
    await counter.change(() => [2, undefined]);
    expect(heard).toEqual([1, -1]);
  });

  it('builds on what others changed, and finds it when it looks', async () => {
    const folder = await temporaryFolder();
    const [one, other] = [await openCounter(folder), await openCounter(folder)];
    let heard = 0;
    other.onChange(() => (heard += 1));
    await one.change((n) => [n + 1, undefined]);
    expect(other.read()).toBe(0);
    await other.refresh();
    await other.refresh();
    expect([other.read(), heard]).toEqual([1, 1]);
    await one.change((n) => [n + 1, undefined]);
    expect(await other.change((n) => [n, n])).toBe(2);
    expect([other.read(), heard]).toEqual([2, 2]);
  });

  it('refuses a state that it could not read back, and stays as it was', async () => {
    const counter = await openCounter(await temporaryFolder());
    expect(await rejectionCode(counter.change(() => [Number.NaN, undefined]))).toBe('internal');
    expect(counter.read()).toBe(0);
    expect(await counter.change((n) => [n + 1, n + 1])).toBe(1);
  });
});

describe('a damaged document', () => {
  const damages: readonly [string, (file: string) => Promise<void>][] = [
    ['emptied', (file) => writeFile(file, '')],
    ['cut', async (file) => writeFile(file, (await readFile(file, 'utf8')).slice(0, 40))],
    [
      'changed',
      async (file) => writeFile(file, (await readFile(file, 'utf8')).replace('"payload":7', '"payload":8')),
    ],
    ['of another shape', (file) => writeFile(file, encode('seven'))],
    ['gone', (file) => rm(file)],
  ];

  for (const file of [MAIN, COPY]) {
    it.each(damages)(`loses nothing when ${file} is %s, and mends it`, async (_name, damage) => {
      const folder = await folderWithSeven();
      const whole = await readFile(join(folder, file), 'utf8');
      await damage(join(folder, file));
      const counter = await openCounter(folder);
      expect([counter.read(), counter.lost]).toEqual([7, false]);
      expect(await readFile(join(folder, file), 'utf8')).toBe(whole);
    });
  }

  it.each(damages)('mends a main file that is %s under its hands', async (_name, damage) => {
    const folder = await folderWithSeven();
    const [looking, changing] = [await openCounter(folder), await openCounter(folder)];
    await looking.refresh();
    await damage(join(folder, MAIN));
    await looking.refresh();
    expect(looking.read()).toBe(7);
    await damage(join(folder, MAIN));
    expect(await changing.change((n) => [n + 1, n + 1])).toBe(8);
  });

  it('begins anew when both files are damaged, says so, and keeps them aside, each time', async () => {
    const folder = await folderWithSeven();
    for (const damage of ['first', 'second']) {
      await writeFile(join(folder, MAIN), `${damage} main`);
      await writeFile(join(folder, COPY), `${damage} copy`);
      const counter = await openCounter(folder);
      expect([counter.read(), counter.lost]).toEqual([0, true]);
    }
    const kept = (await readdir(folder)).filter((name) => name.includes('damaged')).sort();
    expect(kept).toEqual([1, 2, 3, 4].map((n) => `counter.damaged-${n}.json`));
    const texts = await Promise.all(kept.map((name) => readFile(join(folder, name), 'utf8')));
    expect(texts).toEqual(['first main', 'first copy', 'second main', 'second copy']);
    expect((await openCounter(folder)).lost).toBe(false);
  });

  it('is not what a newer Sealane wrote: that is left as it is', async () => {
    const folder = await folderWithSeven();
    const counter = await openCounter(folder);
    const newer = encode({ later: true }, 2);
    await writeFile(join(folder, MAIN), newer);
    expect(await rejectionCode(openCounter(folder))).toBe('profile-unusable');
    expect(await rejectionCode(counter.change((n) => [n + 1, undefined]))).toBe('profile-unusable');
    expect(await readFile(join(folder, MAIN), 'utf8')).toBe(newer);
  });
});

describe('a document of several processes', () => {
  it('loses no change when four processes make a hundred each', async () => {
    const folder = await temporaryFolder();
    await Promise.all(Array.from({ length: 4 }, () => runFixture('count', folder, '100')));
    expect((await openCounter(folder)).read()).toBe(400);
  });

  it('has every confirmed change after a process was killed in the middle of changing it', async () => {
    const killed = Array.from({ length: 4 }, async (_, round) => {
      const folder = await temporaryFolder();
      const child = startFixture('count-forever', folder);
      let confirmed = 0;
      const lines = createInterface(child.stdout).on('line', (line) => {
        confirmed = Number(line);
        if (confirmed === 10 + round) child.kill('SIGKILL');
      });
      await Promise.all([once(lines, 'close'), once(child, 'exit')]);
      const counter = await openCounter(folder);
      // The change it was killed in may have been made, unconfirmed.
      expect(counter.read() - confirmed).toBeOneOf([0, 1]);
      expect(counter.lost).toBe(false);
      expect(await counter.change((n) => [n + 1, n])).toBe(counter.read() - 1);
    });
    await Promise.all(killed);
  });
});
