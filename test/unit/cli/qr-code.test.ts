import { describe, expect, it } from 'vitest';
import decodeQR from 'qr/decode.js';
import { qrLines } from '../../../src-main/cli/qr-code.ts';

const LINK = `sealane://pair#${'eyJhbGciOiJFUzI1NiJ9_-'.repeat(30)}`;
const CODES = { '█': [1, 1], '▀': [1, 0], '▄': [0, 1], ' ': [0, 0] } as const;

/** Takes a picture of the terminal: each half block 4 by 4 pixels, `ink` for the printed half. */
function photograph(lines: readonly string[], ink: number, paper: number) {
  const scale = 4;
  const rows = lines.flatMap((line) => {
    const cells = line.split('').map((c) => (c === '█' || c === '▀' || c === '▄' ? CODES[c] : CODES[' ']));
    return [cells.map(([upper]) => upper), cells.map(([, lower]) => lower)];
  });
  const width = (rows[0]?.length ?? 0) * scale;
  const height = rows.length * scale;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const printed = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === 1;
      data.fill(printed ? ink : paper, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { width, height, data };
}

describe('qrLines', () => {
  it('prints black on white where there are colours, and a reader reads it back', () => {
    const lines = qrLines(LINK, 200, true) ?? [];
    const bare = lines.map((line) => {
      expect(line.startsWith('\u001b[38;5;16;48;5;231m')).toBe(true);
      expect(line.endsWith('\u001b[0m')).toBe(true);
      return line.slice('\u001b[38;5;16;48;5;231m'.length, -'\u001b[0m'.length);
    });
    expect(decodeQR(photograph(bare, 0, 255))).toBe(LINK);
  });

  it('prints light blocks for a dark terminal where there are none', () => {
    const lines = qrLines(LINK, 200, false) ?? [];
    expect(lines.join('')).not.toContain('\u001b');
    expect(decodeQR(photograph(lines, 255, 0))).toBe(LINK);
  });

  it('gives up where it would wrap', () => {
    const width = (qrLines(LINK, 200, false)?.[0] ?? '').length;
    expect(qrLines(LINK, width, false)).toBeDefined();
    expect(qrLines(LINK, width - 1, false)).toBeUndefined();
  });
});
