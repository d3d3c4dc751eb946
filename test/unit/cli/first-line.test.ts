import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readFirstLine } from '../../../src-main/cli/first-line.ts';

const never = new AbortController().signal;

describe('readFirstLine', () => {
  it.each([
    ['link\n', 'link'],
    ['link\r\nmore\n', 'link'],
    ['\n\n  link  \n', 'link'],
  ])('takes %j without waiting for the end', async (text, line) => {
    const input = new PassThrough();
    const read = readFirstLine(input, never);
    input.write(text);
    expect(await read).toBe(line);
    expect(input.isPaused()).toBe(true);
  });

  it('takes a last line without its end', async () => {
    const input = new PassThrough();
    input.end('link');
    expect(await readFirstLine(input, never)).toBe('link');
  });

  it('joins what comes in pieces, also within a character', async () => {
    const input = new PassThrough();
    const read = readFirstLine(input, never);
    for (const byte of Buffer.from('sealane://ü\n')) input.write(Buffer.from([byte]));
    expect(await read).toBe('sealane://ü');
  });

  it('gives nothing for an empty input', async () => {
    const input = new PassThrough();
    input.end('\n \n');
    expect(await readFirstLine(input, never)).toBe('');
  });

  it('stops reading what is no invite', async () => {
    const input = new PassThrough();
    const read = readFirstLine(input, never);
    input.write('x'.repeat(10_000));
    expect(await read).toBe('');
  });

  it('ends on Ctrl-C', async () => {
    const ending = new AbortController();
    const read = readFirstLine(new PassThrough(), ending.signal);
    ending.abort();
    await expect(read).rejects.toMatchObject({ code: 'cancelled' });
    await expect(readFirstLine(new PassThrough(), ending.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
