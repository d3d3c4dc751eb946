import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { createInviteToken, inviteLink } from '../../src-main/engine/pairing/invite-token.ts';
import { ALPN_PAIR, ALPN_TRANSFER } from '../../shared/messages.ts';
import { inviteIdSchema } from '../../shared/views.ts';
import {
  Bench,
  acceptOffer,
  declineOffer,
  endOf,
  offerTo,
  pairingIn,
  transferIn,
} from '../support/engines.ts';
import { OTHER_KINDS, otherCertificate } from '../support/other-certificates.ts';
import { impostor } from '../support/raw-peer.ts';
import { noise } from '../support/tree.ts';

/** Somebody answers in a device's place, with whatever can be shown: what that does to a pairing, and to a transfer. */

const bench = new Bench();
afterEach(() => bench.dispose());

/** How an invite of somebody who is to be reached at these ports fails on the device that opens it. */
async function failureOfPairing(...ports: readonly number[]): Promise<unknown> {
  const invitee = await bench.engine('invitee');
  const token = await createInviteToken({
    identity: await generateIdentity(),
    id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
    secret: new Uint8Array(randomBytes(32)),
    name: 'somebody',
    addresses: ports.map((port) => ({ host: '127.0.0.1', port })),
    issuedAt: Date.now(),
    expires: Date.now() + 60_000,
  });
  const failed = pairingIn(invitee, ['failed', 'comparing']);
  await invitee.pair(inviteLink(token));
  const { state } = await failed;
  return state.kind === 'failed' ? state.error.code : state.kind;
}

describe('an invite, where not the inviter answers', () => {
  it.each(OTHER_KINDS)(
    'but somebody with a certificate for %s, warns of somebody in between',
    async (kind) => {
      const thief = await impostor(await otherCertificate(kind), ALPN_PAIR);
      expect(await failureOfPairing(thief.port)).toBe('invite-wrong-server');
      await expect.poll(() => thief.open()).toBe(0);
      expect(thief.received()).toBe(0);
      thief.server.close();
    },
  );

  it('but somebody who speaks no TLS, or none of ours, warns of somebody in between', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    expect(await failureOfPairing(address.port)).toBe('invite-wrong-server');
    server.close();
  });

  it('but one with another key and one with another kind of key, warns of somebody in between', async () => {
    const thieves = [
      await impostor(await otherCertificate('P-384'), ALPN_PAIR),
      await impostor(await generateIdentity(), ALPN_PAIR),
      await impostor(await otherCertificate('compressed P-256'), ALPN_PAIR),
    ];
    expect(await failureOfPairing(...thieves.map(({ port }) => port))).toBe('invite-wrong-server');
    for (const { server } of thieves) server.close();
  });
});

/** Two paired devices, and something to send from the first to the second. */
async function scene(): Promise<{
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly port: number;
  readonly source: string;
  readonly content: Buffer;
}> {
  const [sender, receiver] = await bench.pair();
  const source = await bench.folder('film.mov');
  const content = noise(160 * 1024 * 1024);
  await writeFile(source, content);
  return { sender, receiver, port: receiver.snapshot().port ?? 0, source, content };
}

describe('a transfer, while somebody answers in the receiver’s place', { timeout: 60_000 }, () => {
  it.each(['P-384', 'RSA', 'compressed P-256'] as const)(
    'with a certificate for %s, waits and goes on when the receiver is back, however often it was answered',
    async (kind) => {
      const { sender, receiver, port, source, content } = await scene();
      const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
      const offer = await offerTo(receiver, id);
      const running = transferIn(receiver, ['running'], id);
      await acceptOffer(receiver, offer);
      await running;
      await receiver.close();
      const thief = await impostor(await otherCertificate(kind), ALPN_TRANSFER, { port });
      let answered = 0;
      thief.server.on('connection', () => (answered += 1));
      const states: string[] = [];
      sender.subscribe((event) => {
        if (event.type === 'transfer') states.push(event.transfer.state.kind);
      });
      await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(2);
      await expect.poll(() => thief.open()).toBe(0);
      expect(states).not.toContain('failed');
      thief.server.close();
      await once(thief.server, 'close');
      const end = endOf(sender, id);
      await bench.engine('second', { listen: { host: '127.0.0.1', port } });
      expect((await end).state.kind).toBe('done');
      expect((await readFile(join(await bench.folder('second-received'), 'film.mov'))).equals(content)).toBe(
        true,
      );
    },
  );

  it('before it was accepted, waits as well, and is offered once more to the receiver itself', async () => {
    const { sender, receiver, port, source } = await scene();
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    await offerTo(receiver, id);
    const waiting = transferIn(sender, ['failed', 'waiting'], id);
    await receiver.close();
    const thief = await impostor(await generateIdentity(), ALPN_TRANSFER, { port });
    expect((await waiting).state.kind).toBe('waiting');
    let answered = 0;
    thief.server.on('connection', () => (answered += 1));
    await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(1);
    thief.server.close();
    await once(thief.server, 'close');
    const back = await bench.engine('second', { listen: { host: '127.0.0.1', port } });
    const offer = await offerTo(back, id);
    const end = endOf(sender, id);
    await declineOffer(back, offer);
    expect((await end).state.kind).toBe('declined');
  });
});
