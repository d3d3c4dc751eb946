import { appendFileSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EMPTY_MARK, SideFile } from '../../../../src-main/engine/files/side-file.ts';
import type { SideMark } from '../../../../src-main/engine/files/side-file.ts';
import { codeOf, lay, lists, newFolder } from './world.ts';

/** Reopens, gives the lines before the mark and closes; null when it is not what the mark vouches for. */
function linesOf(file: string, mark: SideMark): string[] | null {
  const lines: string[] = [];
  const side = SideFile.reopen(file, mark, lists, ({ text }) => lines.push(text));
  side?.close();
  return side === null ? null : lines;
}

describe('a list beside the journal', () => {
  it('is cut to its mark and goes on there', async () => {
    const file = join(newFolder(), 'list');
    const side = SideFile.create(file, lists);
    side.append('one');
    side.append('zwei ü');
    const mark = side.mark();
    await side.sync();
    expect(mark).toMatchObject({ lines: 2, bytes: 12 });
    side.append('three');
    side.mark();
    side.close();
    expect(linesOf(file, mark)).toEqual(['one', 'zwei ü']);
    const again = SideFile.reopen(file, mark, lists, () => undefined) ?? expect.fail('damaged');
    again.append('3');
    expect(again.lines).toBe(3);
    const later = again.mark();
    again.close();
    expect(readFileSync(file, 'utf8')).toBe('one\nzwei ü\n3\n');
    expect(linesOf(file, later)).toEqual(['one', 'zwei ü', '3']);
    expect(linesOf(file, EMPTY_MARK)).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('is read from where a line begins, while it is written', () => {
    const side = SideFile.create(join(newFolder(), 'list'), lists);
    for (let n = 0; n < 50_000; n++) side.append(`line ${n}`);
    const read = [...side.read()];
    expect(read).toHaveLength(50_000);
    const middle = read[33_333];
    expect(side.read(middle?.at).next().value).toEqual({ text: 'line 33333', at: middle?.at });
    side.append('last');
    expect([...side.read()].at(-1)?.text).toBe('last');
    side.close();
    expect(codeOf(() => side.mark())).toBe('internal');
  });

  it('that was changed, cut or lost counts for nothing', () => {
    const file = join(newFolder(), 'list');
    const side = SideFile.create(file, lists);
    for (let n = 0; n < 20; n++) side.append(`line ${n}`);
    const mark = side.mark();
    side.close();
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(whole.readUInt8(at) ^ 4, at);
      writeFileSync(file, damaged);
      expect(linesOf(file, mark)).toBeNull();
      writeFileSync(file, whole.subarray(0, at));
      expect(linesOf(file, mark)).toBeNull();
    }
    writeFileSync(file, whole);
    appendFileSync(file, 'more without an end');
    expect(linesOf(file, mark)).toHaveLength(20);
    truncateSync(file, 0);
    expect(linesOf(file, mark)).toBeNull();
    expect(linesOf(join(newFolder(), 'nowhere'), mark)).toBeNull();
    // What cannot be looked at is not lost.
    expect(codeOf(() => linesOf(join(file, 'nowhere'), mark))).toBe('profile-unusable');
  });

  it('is not written through a link', () => {
    const folder = newFolder();
    lay(folder, { mine: 'mine' });
    symlinkSync('mine', join(folder, 'list'));
    expect(codeOf(() => SideFile.create(join(folder, 'list'), lists))).toBe('profile-unusable');
    expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine');
  });
});
