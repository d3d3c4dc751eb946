import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CompactSign } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import type { Identity } from '../../src-main/engine/identity/identity.ts';
import { KEY_FILE, loadIdentity } from '../../src-main/engine/identity/key-file.ts';
import { createInviteToken, inviteLink, parseInvite } from '../../src-main/engine/pairing/invite-token.ts';
import { inviteProof } from '../../src-main/engine/pairing/proof.ts';
import { MAX_INVITE_FAILURES } from '../../shared/limits.ts';
import { ALPN_PAIR, PAIR_PROTOCOL } from '../../shared/messages.ts';
import { inviteIdSchema } from '../../shared/views.ts';
import { Bench, pairEngines, pairingIn } from '../support/engines.ts';
import { RawPeer, impostor } from '../support/raw-peer.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );

const identityOf = async (name: string): Promise<Identity> =>
  (await loadIdentity(join(await bench.folder(`${name}-profile`), KEY_FILE))).identity;

/** Presents `token` to the engine with a proof under `secret`; gives the code of the refusal. */
async function present(
  engine: Engine,
  token: string,
  secret: Uint8Array,
  inviter: Identity,
  name = 'stranger',
): Promise<string> {
  const stranger = await generateIdentity();
  const peer = await RawPeer.dial(engine.snapshot().port ?? 0, ALPN_PAIR, stranger);
  const keys = {
    exporter: peer.exporter(PAIR_PROTOCOL.exporterLabel),
    inviterSpki: inviter.spki,
    inviteeSpki: stranger.spki,
  };
  peer.message('request', {
    token,
    proof: inviteProof('invitee', { secret, ...keys }),
    name,
    hosts: [],
    port: 0,
  });
  const code = await peer.ending();
  peer.close();
  return code;
}

/** The token of `token` with other claims or another header, signed by `key`. */
async function resign(
  token: string,
  key: Identity,
  change: { claims?: Record<string, unknown>; header?: Record<string, unknown> },
): Promise<string> {
  const [header = '', payload = ''] = token.split('.');
  const decode = (part: string): Record<string, unknown> => {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof value !== 'object' || value === null) throw new Error('not an object');
    return { ...value };
  };
  const claims = { ...decode(payload), ...change.claims };
  return await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', ...decode(header), ...change.header })
    .sign(key.privateKey);
}

const withPart = (token: string, index: number, value: unknown): string => {
  const parts = token.split('.');
  parts[index] = Buffer.from(JSON.stringify(value)).toString('base64url');
  return parts.join('.');
};

describe('an invite that is refused by whoever opens it, before anything is dialled', () => {
  it('expired', async () => {
    const inviter = await bench.engine('inviter');
    const { link } = await inviter.createInvite({ lifetimeMs: 1000 });
    const later = await bench.engine('later', { now: () => Date.now() + 5000 });
    expect(await failureOf(later.pair(link))).toBe('invite-expired');
  });

  it('for another audience, with a changed claim, signed by another key, with another algorithm or none, or cut off', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const own = await identityOf('inviter');
    const other = await generateIdentity();
    const { token } = await inviter.createInvite();
    const cases = {
      'invite-wrong-audience': await resign(token, own, { claims: { aud: 'something-else' } }),
      'invite-bad-signature': await resign(token, other, {}),
      'invite-bad-algorithm': withPart(token, 0, { alg: 'none', typ: 'sealane-invite+jwt' }),
      'invite-malformed': token.slice(0, 300),
    };
    for (const [code, changed] of Object.entries(cases))
      expect(await failureOf(invitee.pair(changed))).toBe(code);
    const hs256 = withPart(token, 0, { alg: 'HS256', typ: 'sealane-invite+jwt' });
    expect(await failureOf(invitee.pair(hs256))).toBe('invite-bad-algorithm');
    const [, payload = ''] = token.split('.');
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const renamed = withPart(token, 1, Object.assign({}, claims, { name: 'evil' }));
    expect(await failureOf(invitee.pair(renamed))).toBe('invite-bad-signature');
    expect(invitee.snapshot().pairings).toEqual([]);
  });

  it('made on the very device that opens it', async () => {
    const inviter = await bench.engine('inviter');
    const { link } = await inviter.createInvite();
    expect(await failureOf(inviter.pair(link))).toBe('invite-own');
  });
});

describe('an invite that is refused by the device that made it, over a real connection', () => {
  it('expired, for another audience, signed by another key, with another algorithm, with a changed claim', async () => {
    let skew = 0;
    const inviter = await bench.engine('inviter', { now: () => Date.now() + skew });
    const own = await identityOf('inviter');
    const { token } = await inviter.createInvite();
    const { secret } = await parseInvite(token, { now: Date.now() });
    const other = await generateIdentity();
    expect(await present(inviter, await resign(token, other, {}), secret, own)).toBe('invite-bad-signature');
    const elsewhere = await resign(token, own, { claims: { aud: 'elsewhere' } });
    expect(await present(inviter, elsewhere, secret, own)).toBe('invite-wrong-audience');
    const none = withPart(token, 0, { alg: 'none', typ: 'sealane-invite+jwt' });
    expect(await present(inviter, none, secret, own)).toBe('invite-bad-algorithm');
    const reworded = await resign(token, own, { claims: { name: 'reworded' } });
    expect(await present(inviter, reworded, secret, own)).toBe('invite-unknown');
    skew = 11 * 60_000;
    expect(await present(inviter, token, secret, own)).toBe('invite-expired');
    expect(inviter.snapshot().devices).toEqual([]);
  });

  it('signed by its key, but not known to its store', async () => {
    const inviter = await bench.engine('inviter');
    const own = await identityOf('inviter');
    const secret = new Uint8Array(randomBytes(32));
    const token = await createInviteToken({
      identity: own,
      id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
      secret,
      name: 'inviter',
      addresses: [],
      issuedAt: Date.now(),
      expires: Date.now() + 60_000,
    });
    expect(await present(inviter, token, secret, own)).toBe('invite-unknown');
  });

  it('used before', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const own = await identityOf('inviter');
    const { token } = await inviter.createInvite();
    const { secret } = await parseInvite(token, { now: Date.now() });
    const shown = pairingIn(invitee, ['comparing']);
    await invitee.pair(token);
    await shown;
    expect(await present(inviter, token, secret, own)).toBe('invite-used');
  });

  it('revoked', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const { link, id } = await inviter.createInvite();
    await inviter.revokeInvite(id);
    const failed = pairingIn(invitee, ['failed', 'comparing']);
    await invitee.pair(link);
    expect((await failed).state).toMatchObject({ kind: 'failed', error: { code: 'invite-revoked' } });
    expect(inviter.snapshot().devices).toEqual([]);
    await expect(inviter.revokeInvite(id)).rejects.toMatchObject({ code: 'unknown-invite' });
  });

  it('by a device that calls itself nothing but blanks; and in a token such a name is none', async () => {
    const inviter = await bench.engine('inviter');
    const own = await identityOf('inviter');
    const { token } = await inviter.createInvite();
    const { secret } = await parseInvite(token, { now: Date.now() });
    for (const name of [' ', '\t\u00a0 ', '\u3000'])
      expect(await present(inviter, token, secret, own, name)).toBe('frame-malformed');
    const blank = await resign(token, own, { claims: { name: ' \u2003 ' } });
    expect(await failureOf(parseInvite(blank, { now: Date.now() }))).toBe('invite-malformed');
  });

  it('without proof of its secret; and it is spent after some failed proofs', async () => {
    const inviter = await bench.engine('inviter');
    const own = await identityOf('inviter');
    const { token } = await inviter.createInvite();
    const { secret } = await parseInvite(token, { now: Date.now() });
    for (let i = 0; i < MAX_INVITE_FAILURES; i += 1) {
      expect(await present(inviter, token, new Uint8Array(randomBytes(32)), own)).toBe('invite-proof-failed');
    }
    expect(await present(inviter, token, secret, own)).toBe('invite-used');
    expect(inviter.snapshot().invites).toMatchObject([{ state: 'spent' }]);
  });
});

describe('a server that is not the inviter', () => {
  it('with another key is told from the inviter before the invite is shown to it', async () => {
    const invitee = await bench.engine('invitee');
    const own = await generateIdentity();
    const thief = await impostor(await generateIdentity(), ALPN_PAIR);
    const token = await createInviteToken({
      identity: own,
      id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
      secret: new Uint8Array(randomBytes(32)),
      name: 'somebody',
      addresses: [{ host: '127.0.0.1', port: thief.port }],
      issuedAt: Date.now(),
      expires: Date.now() + 60_000,
    });
    const failed = pairingIn(invitee, ['failed', 'comparing']);
    await invitee.pair(inviteLink(token));
    expect((await failed).state).toMatchObject({ kind: 'failed', error: { code: 'invite-wrong-server' } });
    expect(thief.received()).toBe(0);
    thief.server.close();
  });
});

describe('pairing again', () => {
  it('keeps what the user had set for the device', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    await pairEngines(inviter, invitee);
    const { id } = invitee.snapshot().self;
    await inviter.changeDevice(id, { name: 'Laptop', accept: 'always' });
    await pairEngines(inviter, invitee);
    expect(inviter.snapshot().devices).toMatchObject([{ id, name: 'Laptop', accept: 'always' }]);
  });
});
