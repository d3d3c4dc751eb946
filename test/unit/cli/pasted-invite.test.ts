import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readPastedInvite } from '../../../src-main/cli/pasted-invite.ts';
import { findToken } from '../../../src-main/engine/pairing/find-token.ts';

const TOKEN = ['eyJhbGciOiJFUzI1NiJ9', 'aB-_'.repeat(150), 'Zx9'.repeat(28) + 'Zw'].join('.');
const LINK = `sealane://pair#${TOKEN}`;
const options = { signal: new AbortController().signal, onIncomplete: () => undefined };

const wrapped = (text: string, before = '') => text.replace(/(.{76})/gu, `$1\r\n${before}`);

describe('readPastedInvite', () => {
  it.each([
    ['a line', `${LINK}\n`],
    ['a token in a line', `\n\n  ${TOKEN}  \r\n`],
    ['broken over lines', `${wrapped(LINK)}\r\n`],
    ['a mail', `Hello,\n\nhere it is:\n\n${wrapped(LINK)}\n`],
    ['a mail that is quoted', `> Hello,\r\n> ${wrapped(LINK, '> ')}\r\n`],
    ['a mail with an old Mac’s line ends', `Hello,\r${LINK}\r`],
    ['a sentence', `Use “${LINK}”, it is good for ten minutes.\n`],
    ['HTML', `<p><a href="${LINK}">Pair with me</a></p>\n`],
    [
      'far more text before it than an invite has',
      `${'Lorem ipsum dolor sit amet.\n'.repeat(5_000)}${LINK}\n`,
    ],
  ])('takes one from %s, and waits for nothing more', async (_what, text) => {
    for (const pieces of [[text], text.match(/[^]{1,7}/gu) ?? []]) {
      const input = new PassThrough();
      const read = readPastedInvite(input, options);
      for (const piece of pieces) input.write(piece);
      expect(findToken(await read)).toBe(TOKEN);
      expect(input.isPaused()).toBe(true);
    }
  });

  it.each([
    ['a last line without its end', LINK, TOKEN],
    ['what is none', 'hello\nthere', 'hellothere'],
    ['one that is cut off', `${LINK.slice(0, -1)}\n`, TOKEN.slice(0, -1)],
    ['nothing', '\n \n', ''],
  ])('gives %s once the input has ended', async (_what, text, found) => {
    const input = new PassThrough();
    input.end(text);
    expect(findToken(await readPastedInvite(input, options))).toBe(found);
  });

  it('waits for the end of the line, and of the invite', async () => {
    const input = new PassThrough();
    const read = readPastedInvite(input, options);
    let isSettled = false;
    void read.then(() => (isSettled = true));
    for (const piece of [`${LINK.slice(0, 300)}\n`, LINK.slice(300)]) {
      input.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
      expect(isSettled).toBe(false);
    }
    input.write('\n');
    expect(findToken(await read)).toBe(TOKEN);
  });

  it('says so when nothing more comes and none is whole', async () => {
    const input = new PassThrough();
    let told = 0;
    const read = new Promise<string>((resolve, reject) => {
      const onIncomplete = () => {
        told += 1;
        input.write(`${LINK}\n`);
      };
      readPastedInvite(input, { ...options, onIncomplete, quietMs: 20 }).then(resolve, reject);
    });
    input.write('not this\n');
    expect(findToken(await read)).toBe(TOKEN);
    expect(told).toBe(1);
  });

  it('joins what comes in pieces, also within a character', async () => {
    const input = new PassThrough();
    const read = readPastedInvite(input, options);
    for (const byte of Buffer.from(`“ü” ${LINK}\n`)) input.write(Buffer.from([byte]));
    expect(await read).toBe(`“ü” ${LINK}`);
  });

  it('stops reading what is no invite', async () => {
    const input = new PassThrough();
    const read = readPastedInvite(input, options);
    for (let count = 0; count < 300; count += 1) input.write('x'.repeat(1024));
    expect((await read).length).toBeLessThanOrEqual(8192);
  });

  it('ends on Ctrl-C', async () => {
    const ending = new AbortController();
    const read = readPastedInvite(new PassThrough(), { ...options, signal: ending.signal });
    ending.abort();
    await expect(read).rejects.toMatchObject({ code: 'cancelled' });
    await expect(
      readPastedInvite(new PassThrough(), { ...options, signal: ending.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});
