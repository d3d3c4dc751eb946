import { appendFileSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { SentLog } from '../../../../src-main/engine/content/sent-log.ts';
import { isPiece } from '../../../../src-main/engine/content/sent-slot.ts';
import { codeOf } from '../support.ts';
import { noise } from '../../../support/tree.ts';
import { newFolder } from './support.ts';

const SLOT = 32;

function open(file: string): SentLog {
  const log = SentLog.open(file);
  onTestFinished(() => {
    log.close();
  });
  return log;
}

/** Two connections: of entry 3 three pieces and then a fourth, of entry 4 one. */
function written(): string {
  const file = join(newFolder(), 'sent');
  const log = open(file);
  log.begin(3, 111n);
  for (let n = 0; n < 3; n += 1) log.piece(3, n * 10, Buffer.alloc(10, n));
  log.flush();
  const next = open(file);
  next.piece(3, 30, Buffer.alloc(5, 3));
  next.begin(4, -1n);
  next.piece(4, 0, Buffer.from('x'));
  next.flush();
  return file;
}

describe('what is known to have been sent of a file', () => {
  it('is there over all connections, in order', () => {
    const log = open(written());
    const { pieces, length, ctimeNs } = log.sent(3);
    expect({ length, ctimeNs }).toEqual({ length: 35, ctimeNs: 111n });
    for (const [n, piece] of pieces.entries()) {
      expect(isPiece(piece, Buffer.alloc(piece.length, n))).toBe(true);
      expect(isPiece(piece, Buffer.alloc(piece.length, n + 1))).toBe(false);
      expect(isPiece(piece, Buffer.alloc(piece.length - 1, n))).toBe(false);
    }
    expect(log.sent(4)).toMatchObject({ length: 1, ctimeNs: -1n });
    expect(log.sent(5)).toEqual({ pieces: [], length: 0, ctimeNs: null, isAnew: false });
  });

  it('counts what was sent last of the same place, and up to the first gap', () => {
    const log = open(written());
    log.piece(3, 10, Buffer.alloc(7, 9));
    log.piece(3, 17, Buffer.alloc(3, 9));
    log.piece(3, 40, Buffer.alloc(3, 9));
    const { pieces, length } = log.sent(3);
    expect(length).toBe(35);
    expect(pieces.map((piece) => piece.start)).toEqual([0, 10, 17, 20, 30]);
  });

  it('is nothing once it is void, and begins anew', () => {
    const log = open(written());
    log.void(3);
    expect(log.sent(3)).toEqual({ pieces: [], length: 0, ctimeNs: null, isAnew: false });
    log.begin(3, 5n);
    log.piece(3, 0, Buffer.from('ab'));
    log.equal(3, 6n);
    expect(log.sent(3)).toMatchObject({ length: 2, ctimeNs: 6n });
    expect(log.sent(4).length).toBe(1);
  });

  it('is less, and never something else, wherever the file is cut or damaged', () => {
    const file = written();
    const whole = readFileSync(file);
    const expected = open(file).sent(3).pieces;
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
      for (const content of [whole.subarray(0, at), damaged]) {
        writeFileSync(file, content);
        const log = SentLog.open(file);
        const { pieces } = log.sent(3);
        expect(pieces).toEqual(expected.slice(0, pieces.length));
        log.close();
      }
    }
  });

  it('is gone on with behind an end that was torn', () => {
    const file = written();
    truncateSync(file, statSync(file).size - 5);
    const log = open(file);
    log.begin(6, 1n);
    log.piece(6, 0, Buffer.from('six'));
    log.flush();
    appendFileSync(file, 'rubbish');
    const next = open(file);
    next.piece(6, 3, Buffer.from('!'));
    expect(next.sent(6).length).toBe(4);
    expect(next.sent(3).length).toBe(35);
    expect(next.sent(4).length).toBe(0);
    expect(statSync(file).size % SLOT).toBe(0);
  });

  it('keeps apart many entries in any order', () => {
    const log = open(join(newFolder(), 'sent'));
    for (let n = 0; n < 5000; n += 1) {
      const entry = (n * 3571) % 5000;
      log.begin(entry, BigInt(entry));
      log.piece(entry, 0, Buffer.alloc(1 + (entry % 7)));
    }
    for (const entry of [0, 1, 2499, 4999])
      expect(log.sent(entry)).toMatchObject({ length: 1 + (entry % 7), ctimeNs: BigInt(entry) });
    expect(log.sent(5000).ctimeNs).toBe(null);
  });

  it('is not kept where the profile cannot be written, and says so', async () => {
    expect(await codeOf(() => SentLog.open(join(newFolder(), 'absent', 'sent')))).toBe('profile-unusable');
  });
});

describe('the log of what was sent', () => {
  const SMALL = 20_000;
  const LARGE = 70_000;
  const pieceOf = (entry: number, n: number, length = LARGE) => noise(length, entry * 10 + n);

  /** One connection to a receiver that wants everything from the beginning, as often as it likes. */
  function pass(file: string): void {
    const log = SentLog.open(file);
    noteAll(log);
    log.close();
  }

  function noteAll(log: SentLog): void {
    for (let entry = 0; entry < SMALL; entry += 1) {
      log.begin(entry, BigInt(entry));
      log.piece(entry, 0, Buffer.from(`small ${String(entry)}`));
    }
    log.flush();
  }

  it('stays within a few times of what is sent, however often that is sent anew', () => {
    const file = join(newFolder(), 'sent');
    for (let time = 0; time < 12; time += 1) pass(file);
    expect(statSync(file).size).toBeLessThan((4 * 2 * SMALL + 2 ** 16) * SLOT);
    const log = open(file);
    for (const entry of [0, 1, SMALL - 1]) {
      const { pieces, ctimeNs } = log.sent(entry);
      expect(ctimeNs).toBe(BigInt(entry));
      expect(pieces.map((piece) => isPiece(piece, Buffer.from(`small ${String(entry)}`)))).toEqual([true]);
    }
  });

  it('knows the same once it was written anew, of large files over several connections, too', () => {
    const file = join(newFolder(), 'sent');
    const first = open(file);
    for (const entry of [SMALL + 2, SMALL + 1]) {
      first.begin(entry, 5n);
      for (let n = 0; n < 3; n += 1) first.piece(entry, n * LARGE, pieceOf(entry, n));
    }
    first.replace(SMALL + 1);
    first.piece(SMALL + 1, 3 * LARGE, pieceOf(SMALL + 1, 3, 10));
    first.void(SMALL + 2);
    first.flush();
    const third = open(file);
    // The receiver has two pieces, and the file was compared meanwhile.
    third.equal(SMALL + 1, 6n);
    for (let n = 2; n < 6; n += 1) third.piece(SMALL + 1, n * LARGE, pieceOf(SMALL + 1, n));
    third.piece(SMALL + 1, 8 * LARGE, pieceOf(SMALL + 1, 8));
    third.flush();
    for (let time = 0; time < 3; time += 1) pass(file);
    const log = open(file);
    log.begin(SMALL + 3, 7n);
    log.piece(SMALL + 3, 0, pieceOf(SMALL + 3, 0));
    log.flush();
    for (let time = 0; time < 5; time += 1) pass(file);
    const again = open(file);
    const { pieces, length, ctimeNs, isAnew } = again.sent(SMALL + 1);
    expect({ length, ctimeNs, isAnew }).toEqual({ length: 6 * LARGE, ctimeNs: 6n, isAnew: true });
    expect(again.sent(SMALL + 3).isAnew).toBe(false);
    for (const [n, piece] of pieces.entries()) {
      expect(isPiece(piece, pieceOf(SMALL + 1, n))).toBe(true);
      expect(isPiece(piece, pieceOf(SMALL + 1, n + 1))).toBe(false);
    }
    expect(again.sent(SMALL + 2).ctimeNs).toBe(null);
    expect(again.sent(SMALL + 3).pieces.map((piece) => isPiece(piece, pieceOf(SMALL + 3, 0)))).toEqual([
      true,
    ]);
  });

  it('knows which entry is under way, also once it was written anew', () => {
    const file = join(newFolder(), 'sent');
    expect(open(file).last).toBe(undefined);
    const log = open(file);
    for (let time = 0; time < 2; time += 1) noteAll(log);
    log.begin(7, 1n);
    log.piece(7, 0, Buffer.from('seven'));
    log.equal(9, 1n);
    expect(log.last).toBe(7);
    const size = statSync(file).size;
    const next = open(file);
    expect(statSync(file).size).toBeLessThan(size);
    expect(next.last).toBe(7);
  });

  it('asks for room before it writes, and knows nothing once something could not be noted', () => {
    const file = written();
    const asked: number[] = [];
    let isFull = false;
    const space = {
      take: (bytes: number) => {
        asked.push(bytes);
        if (isFull) throw new SealaneError('no-space');
      },
    };
    const log = SentLog.open(file, space);
    log.begin(6, 1n);
    log.flush();
    expect(asked).toEqual([2 * SLOT]);
    isFull = true;
    // Of another content than what is noted: that must not be taken for what was sent.
    log.begin(3, 112n);
    log.piece(3, 0, Buffer.alloc(10, 9));
    log.flush();
    isFull = false;
    log.piece(3, 10, Buffer.alloc(10, 9));
    for (const each of [log, open(file)])
      for (const entry of [3, 4, 6])
        expect(each.sent(entry)).toEqual({ pieces: [], length: 0, ctimeNs: null, isAnew: false });
    expect(statSync(file).size).toBe(0);
    log.close();
  });

  it('stays as it is where there is no room to write it anew', () => {
    const file = join(newFolder(), 'sent');
    for (let time = 0; time < 2; time += 1) pass(file);
    const before = readFileSync(file);
    const log = SentLog.open(file, {
      take: () => {
        throw new SealaneError('no-space');
      },
    });
    expect(log.sent(5).length).toBe('small 5'.length);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(join(file, '..'))).toEqual(['sent']);
    log.close();
  });
});
