import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { CompactSign } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { createInviteToken, parseInvite } from '../../src-main/engine/pairing/invite-token.ts';
import type { InviteAddress } from '../../src-main/engine/pairing/invite-token.ts';
import { inviteIdSchema } from '../../shared/views.ts';
import { Bench, pairingIn } from '../support/engines.ts';

/** An invite that a stranger has made: what opening it makes this device do on the network. */

const bench = new Bench();
const servers: Server[] = [];
const held: Socket[] = [];
afterEach(async () => {
  for (const socket of held.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await bench.dispose();
});

/** A port at which every connection is taken, and nothing is ever said. */
async function silentPort(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    held.push(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function strangersInvite(addresses: readonly InviteAddress[]) {
  const identity = await generateIdentity();
  const token = await createInviteToken({
    identity,
    id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
    secret: new Uint8Array(randomBytes(32)),
    name: 'stranger',
    addresses,
    issuedAt: Date.now(),
    expires: Date.now() + 60_000,
  });
  return { identity, token };
}

describe('the addresses in an invite', () => {
  it('are dialled once each, however long they keep a handshake waiting', { timeout: 30_000 }, async () => {
    const port = await silentPort();
    const hosts = ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::ffff:127.0.0.1'];
    const { token } = await strangersInvite(hosts.map((host) => ({ host, port })));
    const invitee = await bench.engine('invitee');
    const failed = pairingIn(invitee, ['failed']);
    await invitee.pair(token);
    expect((await failed).state).toMatchObject({ kind: 'failed', error: { code: 'unreachable' } });
    expect(held.length).toBe(2);
  });

  it.each(['localhost', 'desk.example', '127.1', '0x7f000001', 'fe80::1%lo'])(
    'that are none are refused before anything is dialled or looked up: %s',
    async (host) => {
      const { identity, token } = await strangersInvite([]);
      const [, payload = ''] = token.split('.');
      const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const changed = Object.assign({}, claims, { addresses: [{ host, port: await silentPort() }] });
      const signed = await new CompactSign(Buffer.from(JSON.stringify(changed)))
        .setProtectedHeader({ alg: 'ES256', typ: 'sealane-invite+jwt' })
        .sign(identity.privateKey);
      const invitee = await bench.engine('invitee');
      await expect(invitee.pair(signed)).rejects.toMatchObject({ code: 'invite-malformed' });
      expect(invitee.snapshot().pairings).toEqual([]);
    },
  );

  it('are IP addresses, also where the device was told to listen on a name', async () => {
    const inviter = await bench.engine('inviter', { listen: { host: 'localhost', port: 0 } });
    const { addresses } = await parseInvite((await inviter.createInvite()).token, { now: Date.now() });
    expect(addresses).toHaveLength(1);
    expect(['127.0.0.1', '::1']).toContain(addresses[0]?.host);
  });
});
