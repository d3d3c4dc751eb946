import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, offerTo, pairingIn } from '../support/engines.ts';
import { noise } from '../support/tree.ts';

/** Somebody who sits between two devices, and does more than listen. */

const bench = new Bench();
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await bench.dispose();
});

/** The code that an engine shows in its next pairing. */
async function codeOn(engine: Engine): Promise<string> {
  const { state } = await pairingIn(engine, ['comparing']);
  return state.kind === 'comparing' ? state.code : '';
}

describe('somebody in between', () => {
  it('who has an invite of his own for each side makes them show different codes, and a no on either side is a no', async () => {
    const [inviter, invitee] = [await bench.engine('inviter'), await bench.engine('invitee')];
    const [towardsInviter, towardsInvitee] = [
      await bench.engine('mallory-1'),
      await bench.engine('mallory-2'),
    ];
    const codes = [codeOn(inviter), codeOn(invitee)];
    // The real invite was taken on its way, and another one handed on in its place.
    await towardsInviter.pair((await inviter.createInvite()).link);
    await invitee.pair((await towardsInvitee.createInvite()).link);
    const [shown, other] = await Promise.all(codes);
    expect(shown).toMatch(/^\d{3} \d{3}$/);
    expect(other).toMatch(/^\d{3} \d{3}$/);
    // The same by chance once in a million runs.
    expect(shown).not.toBe(other);
    const ends = [inviter, invitee].map((engine) => pairingIn(engine, ['failed', 'paired']));
    for (const engine of [inviter, invitee]) {
      for (const { id } of engine.snapshot().pairings) engine.answerPairing(id, false);
    }
    for (const { state } of await Promise.all(ends)) {
      expect(state).toMatchObject({ kind: 'failed', error: { code: 'code-mismatch' } });
    }
    for (const engine of [inviter, invitee]) expect(engine.snapshot().devices).toEqual([]);
  });

  it('who changes bytes on the line ends connections, and changes no file', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('film.mov');
    const content = noise(24 * 1024 * 1024);
    await writeFile(source, content);
    const line = await meddler(receiver.snapshot().port ?? 0, 4 * 1024 * 1024, 2);
    const to = { host: '127.0.0.1', port: line.port };
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source], to });
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await acceptOffer(receiver, await offerTo(receiver, id));
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(line.meddled()).toBeGreaterThan(0);
    const arrived = await readFile(join(await bench.folder('second-received'), 'film.mov'));
    expect(arrived.equals(content)).toBe(true);
  });
});

/** A line on which one bit is turned round after so many bytes, on this many connections. */
async function meddler(
  port: number,
  after: number,
  times: number,
): Promise<{ readonly port: number; readonly meddled: () => number }> {
  let meddled = 0;
  const server = createServer((client: Socket) => {
    const target = connect({ host: '127.0.0.1', port });
    let passed = 0;
    client.on('data', (part: Buffer) => {
      if (meddled < times && passed <= after && passed + part.length > after) {
        part[after - passed] = (part[after - passed] ?? 0) ^ 1;
        meddled += 1;
      }
      passed += part.length;
      if (!target.write(part)) client.pause();
    });
    target.on('drain', () => client.resume());
    target.on('data', (part: Buffer) => client.write(part));
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
    }
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, meddled: () => meddled };
}
