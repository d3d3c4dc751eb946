import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newFolder, picture, walk, write } from './support.ts';
import type { Walked } from './support.ts';

const PROGRAM = fileURLToPath(new URL('./fixtures/receiving-process.ts', import.meta.url));
const MIB = 1024 * 1024;

/** What a process said before it ended. */
interface Run {
  readonly lines: readonly string[];
  /** Bytes that it began with, and that it had written last. */
  readonly from: number;
  readonly wrote: number;
  readonly isDone: boolean;
}

/** Receives in a process of its own, which is killed with SIGKILL as soon as it has said `killAfter` lines. */
async function run(
  { manifestFile, summary }: Walked,
  destination: string,
  journalFolder: string,
  killAfter = Infinity,
): Promise<Run> {
  const offered = JSON.stringify(summary);
  const child = spawn(process.execPath, [PROGRAM, manifestFile, destination, journalFolder, offered], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length >= killAfter) child.kill('SIGKILL');
  }
  await ended;
  const numberOf = (line: string | undefined): number => Number(line?.split(' ')[1] ?? 0);
  return {
    lines,
    from: numberOf(lines[0]),
    wrote: numberOf(lines.findLast((line) => line.startsWith('wrote'))),
    isDone: lines.at(-1)?.startsWith('published') ?? false,
  };
}

/** A stream of numbers that is the same for the same seed: 0 ≤ n < below. */
function numbers(seed: number): (below: number) => number {
  let n = 0;
  return (below) => {
    n += 1;
    return (
      createHash('sha256')
        .update(`${String(seed)} ${String(n)}`)
        .digest()
        .readUInt32BE() % below
    );
  };
}

function laySource(): string {
  const source = newFolder();
  write(source, 'item/a large one', randomBytes(6 * MIB + 77));
  for (let n = 0; n < 400; n += 1)
    write(source, `item/small/${String(n % 20)}/${String(n)}`, randomBytes((n * 37) % 3000));
  write(source, 'item/z/run me', '#!/bin/sh\n');
  chmodSync(join(source, 'item/z/run me'), 0o755);
  mkdirSync(join(source, 'item/empty/er'), { recursive: true });
  write(source, 'single.bin', randomBytes(2 * MIB));
  write(source, 'twin', 'twin');
  return source;
}

describe('a receiving process that is killed', () => {
  it(
    'any number of times, at any moment, has everything in the end, and once',
    { timeout: 600_000 },
    async () => {
      const source = laySource();
      const walked = walk(...['item', 'single.bin', 'twin'].map((name) => join(source, name)));
      const wanted = picture(source);
      let kills = 0;
      for (let round = 1; round <= 20; round += 1) {
        const number = numbers(round);
        const [destination, journalFolder] = [join(newFolder(), 'in'), newFolder()];
        let before = 0;
        let isDone = false;
        for (let n = number(2); n >= 0; n -= 1) {
          const killed = await run(walked, destination, journalFolder, 1 + number(22));
          kills += 1;
          expect(killed.from).toBeGreaterThanOrEqual(before);
          before = killed.from;
          // Nothing is half there: what has a name is whole.
          if (!isDone) expectWhole(destination, wanted);
          isDone = killed.isDone;
        }
        const last = await run(walked, destination, journalFolder);
        expect(last.lines.at(-1)).toBe('published item/single.bin/twin');
        expect(last.from).toBeGreaterThanOrEqual(before);
        expect(picture(destination)).toEqual(wanted);
      }
      expect(kills).toBeGreaterThan(20);
    },
  );

  it('loses little of what it had written', { timeout: 120_000 }, async () => {
    const source = newFolder();
    write(source, 'large', randomBytes(100 * MIB));
    const walked = walk(join(source, 'large'));
    const [destination, journalFolder] = [newFolder(), newFolder()];
    let before = 0;
    for (const killAfter of [40, 50, 60]) {
      const killed = await run(walked, destination, journalFolder, killAfter);
      expect(killed.from).toBeGreaterThanOrEqual(before - 16 * MIB);
      before = killed.wrote;
    }
    const last = await run(walked, destination, journalFolder);
    expect(last.from).toBeGreaterThanOrEqual(before - 16 * MIB);
    expect(last.isDone).toBe(true);
    expect(picture(destination)).toEqual(picture(source));
  });
});

/** Whatever stands under a name that people see is as it should be; the time of a folder is its last touch. */
function expectWhole(destination: string, wanted: Record<string, string>): void {
  const there = readdirSync(join(destination, '..')).includes('in') ? picture(destination) : {};
  const shown = Object.entries(there).filter(([path]) => !path.startsWith('.sealane-'));
  for (const [path, what] of shown) {
    // A folder that is about to be put there is claimed by an empty one.
    if (what.startsWith('folder') && !path.includes('/')) continue;
    expect([path, what]).toEqual([path, wanted[path]]);
  }
}
