import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { findLink, normalizeLink } from '../../src-main/desktop/links.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import type { Identity } from '../../src-main/engine/identity/identity.ts';
import {
  createInviteToken,
  inviteLink,
  parseInvite,
  verifyOwnInvite,
} from '../../src-main/engine/pairing/invite-token.ts';
import { MAX_INVITE_CHARACTERS } from '../../shared/limits.ts';
import { inviteIdSchema } from '../../shared/views.ts';
import { codeOf, fuzz, mutated } from './fuzz.ts';

const NOW = 1_800_000_000_000;
const NAMED = /^invite-(malformed|bad-algorithm|bad-signature|wrong-audience|expired)$/;

let identity: Identity;
let tokens: readonly string[] = [];

async function token(name: string, addresses: number): Promise<string> {
  return await createInviteToken({
    identity,
    id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
    secret: new Uint8Array(randomBytes(32)),
    name,
    addresses: Array.from({ length: addresses }, (_, index) => ({
      host: `192.0.2.${String(index)}`,
      port: 4000,
    })),
    issuedAt: NOW,
    expires: NOW + 60_000,
  });
}

beforeAll(async () => {
  identity = await generateIdentity();
  tokens = [await token('Desk', 1), await token('Größe 🎉', 8), await token('x', 0)];
});

/** Which of the tokens, since they are made after the properties are written down. */
const which = fc.nat({ max: 2 });
const tokenOf = (index: number): string => tokens[index] ?? '';
const text = new TextDecoder('utf-8');
const base64urlCharacter = fc
  .integer({ min: 0, max: 63 })
  .map((value) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.charAt(value));

describe('an invite', () => {
  it('that is as it was made is taken, however people pasted it', async () => {
    const blank = fc.constantFrom('', ' ', '\n', '\r\n  ', '\t', '\u00a0', '\u200b', '\u00ad');
    await fuzz(
      60,
      [which, fc.array(fc.tuple(fc.nat(), blank), { maxLength: 6 }), fc.boolean()],
      async (index, blanks, isLink) => {
        let pasted = isLink ? inviteLink(tokenOf(index)) : tokenOf(index);
        for (const [at, space] of blanks) {
          const place = at % (pasted.length + 1);
          pasted = pasted.slice(0, place) + space + pasted.slice(place);
        }
        expect((await parseInvite(pasted, { now: NOW })).token).toBe(tokenOf(index));
      },
    );
  });

  it('is found in whatever text it was pasted with', async () => {
    const around = fc.constantFrom(
      ['', ''],
      ['"', '"'],
      ['“', '”'],
      ['„', '“.'],
      ['<', '>'],
      ['Pair with this: ', ', please.'],
      ['', '.'],
      ['(', ')'],
      ['**', '**'],
      ['_', '_'],
      ['`', '`'],
      ['[pair](', ')'],
      ['<a href="', '">Pair</a>'],
      ["<a href='", "'>"],
      ['The link begins with sealane://pair# and is here: ', ' See you.\nKay'],
    );
    const quoting = fc.constantFrom('', '> ', '>', '>> ', ' > > ');
    const width = fc.integer({ min: 30, max: 90 });
    await fuzz(
      150,
      [
        which,
        around,
        quoting,
        width,
        fc.constantFrom('sealane://pair#', 'SEALANE://pair/#', 'sealane://pair%23', ''),
      ],
      async (index, [before = '', after = ''], quote, columns, start) => {
        // Where nothing says that it begins, words or `_` before it are taken for a part of it.
        const prefix = start === '' && /[_.-]$/u.test(before) ? '' : before;
        const whole = `${prefix}${start}${tokenOf(index)}${after}`;
        const lines =
          quote === '' ? [whole] : (whole.match(new RegExp(`[^]{1,${String(columns)}}`, 'gu')) ?? []);
        const pasted = lines.map((line) => quote + line).join('\r\n');
        expect((await parseInvite(pasted, { now: NOW })).token).toBe(tokenOf(index));
      },
    );
  });

  it('with one character changed, wherever, is never taken by either side', async () => {
    // Base64 leaves bits over in the last character of a part: not there either.
    const fromEnd = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 86, 87, 88));
    await fuzz(900, [which, fromEnd, base64urlCharacter], async (index, at, character) => {
      const original = tokenOf(index);
      const place = original.length - 1 - (at % original.length);
      if (original.charAt(place) === character || original.charAt(place) === '.') return;
      const changed = original.slice(0, place) + character + original.slice(place + 1);
      expect(await codeOf(() => parseInvite(changed, { now: NOW }))).toMatch(NAMED);
      expect(await codeOf(() => verifyOwnInvite(changed, identity, { now: NOW }))).toMatch(NAMED);
    });
  });

  it('that was changed in any way is never taken as another one', async () => {
    const noise = mutated(which.map((index) => new TextEncoder().encode(tokenOf(index))));
    await fuzz(900, [noise], async (bytes) => {
      const changed = text.decode(bytes);
      let taken: string | undefined;
      const code = await codeOf(async () => {
        taken = (await parseInvite(changed, { now: NOW })).token;
      });
      // White space that a mail program might have put in is all that makes no difference.
      if (code === undefined) expect(tokens).toContain(taken);
      else expect(code).toMatch(NAMED);
      if (tokens.includes(changed)) return;
      expect(await codeOf(() => verifyOwnInvite(changed, identity, { now: NOW }))).toMatch(NAMED);
    });
  });

  it('of which parts of two were put together is never taken', async () => {
    await fuzz(
      150,
      [which, which, fc.nat({ max: 2 }), fc.nat({ max: 2 })],
      async (one, other, part, from) => {
        const parts = tokenOf(one).split('.');
        parts[part] = tokenOf(other).split('.')[from] ?? '';
        const joined = parts.join('.');
        if (tokens.includes(joined)) return;
        expect(await codeOf(() => parseInvite(joined, { now: NOW }))).toMatch(NAMED);
      },
    );
  });

  it('with any JSON for header and claims is refused by name', async () => {
    const part = fc.oneof(
      fc.json(),
      fc.constantFrom(
        '{"alg":"ES256","typ":"sealane-invite+jwt"}',
        '{"alg":"none"}',
        '{"alg":["ES256"]}',
        '{"__proto__":1}',
      ),
    );
    await fuzz(500, [part, part, fc.string({ maxLength: 90 })], async (header, claims, signature) => {
      const encode = (json: string) => Buffer.from(json).toString('base64url');
      const made = `${encode(header)}.${encode(claims)}.${Buffer.from(signature).toString('base64url')}`;
      expect(await codeOf(() => parseInvite(made, { now: NOW }))).toMatch(NAMED);
    });
  });

  it('that is just any text is refused by name, in no time', async () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ maxLength: 200 }).map((tail) => `sealane://pair#${tail}`),
      fc
        .tuple(fc.constantFrom('.', 'a', '<', '-', '\u200b', ' '), fc.nat({ max: 20_000 }))
        .map(([unit, times]) => unit.repeat(times)),
      fc.array(base64urlCharacter, { maxLength: 100 }).map((parts) => `${parts.join('')}.`.repeat(3)),
    );
    await fuzz(900, [line], async (pasted) => {
      expect(await codeOf(() => parseInvite(pasted, { now: NOW }))).toMatch(NAMED);
    });
  });
});

describe('a link that the system hands over', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'sealane:',
      '//',
      'pair',
      '/',
      '#',
      '?',
      '@',
      '..',
      '%2e',
      '\0',
      '\n',
      ' ',
      'javascript:',
      'file:///',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const links = fc.oneof(
    fc.array(piece, { maxLength: 10 }).map((parts) => parts.join('')),
    fc.array(base64urlCharacter, { maxLength: 60 }).map((parts) => `SeaLane://pair/#${parts.join('')}`),
  );

  it('comes out in its one writing, or not at all', async () => {
    await fuzz(1500, [links], (link) => {
      const normal = normalizeLink(link);
      if (normal === undefined) return;
      expect(normal).toMatch(/^sealane:\/\/pair#[A-Za-z0-9_.-]+$/);
      expect(normal.length).toBeLessThanOrEqual(MAX_INVITE_CHARACTERS);
      expect(normalizeLink(normal)).toBe(normal);
      expect(link.toLowerCase()).toContain(normal.slice('sealane://pair#'.length).toLowerCase());
    });
  });

  it('is found among whatever arguments, and no option is taken for one', async () => {
    await fuzz(
      300,
      [
        fc.array(
          fc.oneof(
            links,
            fc.string().map((option) => `--${option}`),
          ),
          { maxLength: 8 },
        ),
      ],
      (argv) => {
        const found = findLink(argv);
        expect(found).toBe(argv.map(normalizeLink).find((link) => link !== undefined));
      },
    );
  });
});
