import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../../shared/errors.ts';
import { MAX_DEVICE_NAME_CHARACTERS, MAX_INVITE_CHARACTERS } from '../../../../shared/limits.ts';
import { inviteIdSchema } from '../../../../shared/views.ts';
import { generateIdentity, importIdentity } from '../../../../src-main/engine/identity/identity.ts';
import {
  createInviteToken,
  inviteLink,
  inviteTokenHash,
  parseInvite,
  verifyOwnInvite,
} from '../../../../src-main/engine/pairing/invite-token.ts';
import vectors from '../../../vectors/invite.json' with { type: 'json' };
import { codeOf, fromHex, toHex } from '../support.ts';

const now = 1_790_000_000_000;
const identity = await generateIdentity();
const bare = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/;

function newInvite(change: Partial<Parameters<typeof createInviteToken>[0]> = {}) {
  return {
    identity,
    id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
    secret: new Uint8Array(randomBytes(32)),
    name: 'Work laptop',
    addresses: [{ host: '10.0.0.7', port: 50_000 }],
    issuedAt: now,
    expires: now + 600_000,
    ...change,
  };
}

describe('a new invite', () => {
  it('tells the invitee who, where, until when and the secret', async () => {
    const made = newInvite();
    const token = await createInviteToken(made);
    expect(token).toMatch(bare);
    expect(await parseInvite(token, { now })).toEqual({
      id: made.id,
      inviter: identity.id,
      name: 'Work laptop',
      addresses: made.addresses,
      spki: identity.spki,
      secret: made.secret,
      token,
      expires: now + 600_000,
    });
  });

  it('is known again by the device that made it', async () => {
    const made = newInvite();
    const token = await createInviteToken(made);
    expect(await verifyOwnInvite(token, identity, { now })).toEqual({
      id: made.id,
      secret: made.secret,
      expires: now + 600_000,
    });
  });

  it('travels as a link that gives the same token back', async () => {
    const token = await createInviteToken(newInvite());
    expect(inviteLink(token)).toBe(`sealane://pair#${token}`);
    expect((await parseInvite(inviteLink(token), { now })).token).toBe(token);
  });

  it('lasts as long as it was said to, and not a second longer than that', async () => {
    const token = await createInviteToken(newInvite({ expires: now + 1 }));
    expect(await codeOf(() => parseInvite(token, { now }))).toBeUndefined();
    expect(await codeOf(() => parseInvite(token, { now: now + 999 }))).toBeUndefined();
    expect(await codeOf(() => parseInvite(token, { now: now + 1000 }))).toBe('invite-expired');
    expect(await codeOf(() => verifyOwnInvite(token, identity, { now: now + 1000 }))).toBe('invite-expired');
  });

  it('is never too long to be read, however many addresses there are', async () => {
    for (const host of ['::1', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff']) {
      const addresses = Array.from({ length: 40 }, (_, at) => ({ host, port: 1 + at }));
      const name = '💻'.repeat(MAX_DEVICE_NAME_CHARACTERS / 2);
      const token = await createInviteToken(newInvite({ addresses, name }));
      const invite = await parseInvite(inviteLink(token), { now });
      expect(invite.addresses.length).toBeGreaterThan(5);
      expect(invite.addresses).toEqual(addresses.slice(0, invite.addresses.length));
      expect(invite.addresses.length).toBeLessThanOrEqual(8);
    }
  });

  it('is not made of what nobody would accept', async () => {
    const wrong = [{ name: '' }, { name: 'n'.repeat(65) }, { addresses: [{ host: 'a b', port: 1 }] }];
    for (const change of wrong) await expect(createInviteToken(newInvite(change))).rejects.toThrow();
    await expect(createInviteToken(newInvite({ secret: new Uint8Array(31) }))).rejects.toThrow(RangeError);
  });

  it('is kept as a hash that tells nothing of it', async () => {
    const token = await createInviteToken(newInvite());
    expect(inviteTokenHash(token)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(inviteTokenHash(token)).not.toBe(inviteTokenHash(`${token}A`));
    expect(inviteTokenHash('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });
});

describe('the invites of the test vectors', () => {
  const at = { now: vectors.now };
  const { claims } = vectors;

  it.each(vectors.accepted)('$what: accepted', async ({ text }) => {
    const invite = await parseInvite(text, at);
    expect(invite).toMatchObject({ id: claims.jti, inviter: vectors.inviter.id, name: claims.name });
    expect(invite.token).toMatch(bare);
    expect(toHex(invite.secret)).toBe(claims.secretBytes);
    expect(toHex(invite.spki)).toBe(vectors.inviter.spki);
  });

  it('says all that is in it', async () => {
    const invite = await parseInvite(vectors.accepted[0]?.text ?? '', at);
    expect(invite.addresses).toEqual(claims.addresses);
    expect(invite.expires).toBe(claims.exp * 1000);
  });

  it.each(vectors.refused)('$what: $error', async ({ text, error }) => {
    expect(ERROR_CODES).toContain(error);
    expect(await codeOf(() => parseInvite(text, at))).toBe(error);
  });

  it.each(vectors.refused)('$what: $error by the inviter too', async ({ text, error }) => {
    const inviter = await importIdentity(fromHex(vectors.inviter.pkcs8));
    expect(await codeOf(() => verifyOwnInvite(text, inviter, at))).toBe(error);
  });

  it('are nobody else’s', async () => {
    const stranger = await importIdentity(fromHex(vectors.stranger.pkcs8));
    const token = vectors.accepted[0]?.text ?? '';
    expect(await codeOf(() => verifyOwnInvite(token, stranger, at))).toBe('invite-bad-signature');
  });
});

describe('an invite as it is pasted', () => {
  it.each([
    ['in quotes', (link: string) => `"${link}"`],
    ['in typographic quotes', (link: string) => `“${link}”`],
    ['with a full stop', (link: string) => `${link}.`],
    ['with a comma and more', (link: string) => `Here you are: ${link}, good for ten minutes.`],
    ['in Markdown', (link: string) => `[my invite](${link})`],
    ['emphasised in Markdown', (link: string) => `_${link}_`],
    [
      'in a mail that is quoted',
      (link: string) => `> Hello,\r\n> ${link.replace(/(.{60})/gu, '$1\r\n> ')}\r\n> Kay`,
    ],
    ['as HTML', (link: string) => `<p><a href="${link}">Pair with me</a></p>`],
    ['with an escaped number sign', (link: string) => link.replace('#', '%23')],
    ['after a word about links', (link: string) => `A link begins with sealane://pair# as in ${link}`],
    ['as a token after a word', (link: string) => `token ${link.slice('sealane://pair#'.length)} thanks`],
  ])('is found %s', async (_how, write) => {
    const token = await createInviteToken(newInvite());
    expect((await parseInvite(write(inviteLink(token)), { now })).token).toBe(token);
  });

  it.each([
    ['a character too many', (token: string) => `${token}A`],
    ['a fourth part', (token: string) => `${token}.${token}`],
    ['a character before it', (token: string) => `A${token}`],
    ['a quote in the middle', (token: string) => `${token.slice(0, 200)}"${token.slice(200)}`],
    ['more text than anybody pastes', (token: string) => `${token} ${'x '.repeat(5_000)}`],
  ])('is refused with %s', async (_how, write) => {
    const token = await createInviteToken(newInvite());
    expect(await codeOf(() => parseInvite(write(token), { now }))).toBe('invite-malformed');
  });

  it('is refused at once when it is far too long', async () => {
    for (const length of [MAX_INVITE_CHARACTERS + 1, 10_000_000]) {
      expect(await codeOf(() => parseInvite('A'.repeat(length), { now }))).toBe('invite-malformed');
      expect(await codeOf(() => verifyOwnInvite('A'.repeat(length), identity, { now }))).toBe(
        'invite-malformed',
      );
    }
  });

  it('is refused with any one character of it changed', async () => {
    const token = await createInviteToken(newInvite());
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      // Of the last character only two bits count.
      if (at === token.length - 1) continue;
      const code = await codeOf(() => parseInvite(changed, { now }));
      expect(code, `character ${String(at)}`).toMatch(/^invite-(malformed|bad-algorithm|bad-signature)$/);
    }
  });

  it('is refused when it ends early, wherever that is', async () => {
    const link = inviteLink(await createInviteToken(newInvite()));
    for (let end = 0; end < link.length; end += 1) {
      const code = await codeOf(() => parseInvite(link.slice(0, end), { now }));
      expect(code, `after ${String(end)}`).toBe('invite-malformed');
    }
  });
});
