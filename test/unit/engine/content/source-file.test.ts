import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAsSent } from '../../../../src-main/engine/content/as-sent.ts';
import { SentLog } from '../../../../src-main/engine/content/sent-log.ts';
import { SourceFile } from '../../../../src-main/engine/content/source-file.ts';
import { fileEntry } from '../../../../src-main/engine/files/source.ts';
import { newFolder } from './support.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function listed() {
  const source = join(newFolder(), 'busy');
  writeFileSync(source, 'content');
  return fileEntry(['busy'], { source, stats: statSync(source, { bigint: true }) });
}

/**
 * Whenever the clock is looked at, the file was changed less than a millisecond before, and is changed once
 * more.
 */
function changeAllTheTime(file: string): void {
  let n = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => {
    n += 1;
    const { ctimeNs } = statSync(file, { bigint: true });
    chmodSync(file, n % 2 === 0 ? 0o600 : 0o640);
    return Number(ctimeNs / 1_000_000n) + 1;
  });
}

describe('a file that is changed all the time', () => {
  it('counts as changed, since no later change of it could be told', () => {
    const entry = listed();
    changeAllTheTime(entry.source);
    expect(SourceFile.open(entry, 0)).toBe('changed');
    vi.restoreAllMocks();
    const opened = SourceFile.open(entry, 0);
    if (!(opened instanceof SourceFile)) throw new Error(`it is ${opened}`);
    changeAllTheTime(entry.source);
    expect(opened.accept()).toBe('changed');
    opened.close();
  });

  it('is not taken for what was sent of it, as it is once it is let be', () => {
    const entry = listed();
    const log = SentLog.open(join(newFolder(), 'sent'));
    log.begin(0, entry.ctimeNs);
    log.piece(0, 0, Buffer.from('content'));
    changeAllTheTime(entry.source);
    expect(isAsSent(entry, 0, log)).toBe(false);
    vi.restoreAllMocks();
    expect(isAsSent(entry, 0, log)).toBe(true);
    log.close();
  });
});
