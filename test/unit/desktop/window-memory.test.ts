import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fitSize,
  MIN_HEIGHT,
  MIN_WIDTH,
  placeOn,
  readMemory,
  writeMemory,
} from '../../../src-main/desktop/window-memory.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealane-window-'));
  file = join(folder, 'window.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('what the window remembers', () => {
  it('comes back', () => {
    const memory = { width: 800, height: 600, x: -40, y: 25, maximized: true, toldAboutTray: true };
    writeMemory(file, memory);
    expect(readMemory(file)).toEqual(memory);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', 'null', '[]', '{"width":-5}', '{"width":1e9,"height":700}', '{"maximized":"yes"}'])(
    'starts anew when the file holds %j',
    (text) => {
      writeFileSync(file, text);
      expect(readMemory(file)).toEqual(readMemory(join(folder, 'absent')));
    },
  );

  it('is not worth an error', () => {
    writeMemory(join(folder, 'absent', 'window.json'), readMemory(file));
    expect(() => readFileSync(file)).toThrow();
  });

  it('fits the screen', () => {
    const memory = { ...readMemory(file), width: 3000, height: 2000 };
    expect(fitSize(memory, { width: 1280, height: 800 })).toEqual({ width: 1280, height: 800 });
    expect(fitSize(memory, { width: 300, height: 200 })).toEqual({ width: MIN_WIDTH, height: MIN_HEIGHT });
  });

  it('comes back to its place where a screen still shows it, and only there', () => {
    const left = { x: 0, y: 30, width: 1280, height: 770 };
    const right = { x: 1280, y: 0, width: 1920, height: 1080 };
    const at = (x: number | null, y: number | null) =>
      placeOn({ ...readMemory(file), x, y }, { width: 800 }, [left, right]);
    expect(at(1500, 200)).toEqual({ x: 1500, y: 200 });
    expect(placeOn({ ...readMemory(file), x: 1500, y: 200 }, { width: 800 }, [left])).toBeUndefined();
    expect(at(-600, 40)).toEqual({ x: -600, y: 40 });
    for (const [x, y] of [
      [-700, 40],
      [3150, 40],
      [100, 0],
      [100, 790],
      [null, null],
    ] as const)
      expect(at(x, y), `${String(x)}, ${String(y)}`).toBeUndefined();
  });
});
