import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { openStore } from '../../src-main/engine/store/store.ts';
import { Bench, endOf, pairEngines, sendAndAccept } from '../support/engines.ts';

/** Somebody in between who changes nothing and only passes bytes on: what is learned of where a device is. */

const bench = new Bench();
const relays: Server[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) relay.close();
  await bench.dispose();
});

/** Passes on to a port, from another address of this machine's; gives the port at which it is dialled. */
async function relayTo(port: number, localAddress: string): Promise<number> {
  const server = createServer((client: Socket) => {
    const target = connect({ host: '127.0.0.1', port, localAddress });
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  relays.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Lets the first send to the second through so many relays, each at an address of its own. */
async function sendThroughRelays(sender: Engine, receiver: Engine, count: number): Promise<void> {
  const source = await bench.folder('note.txt');
  await writeFile(source, 'hello');
  for (let i = 0; i < count; i += 1) {
    const through = await relayTo(receiver.snapshot().port ?? 0, `127.0.0.${String(20 + i)}`);
    const { received } = await sendAndAccept(sender, receiver, [source], through);
    expect(received.state.kind).toBe('done');
  }
}

async function endOfSending(sender: Engine, receiver: Engine): Promise<string> {
  const source = await bench.folder('answer.txt');
  await writeFile(source, 'hello');
  await receiver.changeDevice(sender.snapshot().self.id, { accept: 'always' });
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
  return (await endOf(sender, id)).state.kind;
}

describe('twelve relays between two devices', { timeout: 60_000 }, () => {
  it('do not become the address of the one that dials, which it says itself', async () => {
    const [dialler, dialled] = await bench.pair();
    await sendThroughRelays(dialler, dialled, 12);
    expect(await endOfSending(dialled, dialler)).toBe('done');
  });

  it('do not push out where it was once reached by dialling, also when it says nothing', async () => {
    const [dialled, dialler] = await bench.pair();
    const port = dialler.snapshot().port ?? 0;
    // Reached once at its true address.
    expect(await endOfSending(dialled, dialler)).toBe('done');
    await sendThroughRelays(dialler, dialled, 12);
    await dialled.close();
    const profile = await bench.folder('first-profile');
    const store = await openStore({ profile, defaultName: 'first', now: Date.now });
    const record = store.devices.get(dialler.snapshot().self.id);
    expect(record?.addresses).toEqual([{ host: '127.0.0.1', port }]);
    await store.devices.change(dialler.snapshot().self.id, { said: [] });
    await store.close();
    const back = await bench.engine('first');
    expect(await endOfSending(back, dialler)).toBe('done');
  });

  it('are one address at most of all that is known of a device, the last to be dialled', async () => {
    const [dialler, dialled] = [await bench.engine('dialler'), await bench.engine('dialled')];
    await pairEngines(dialled, dialler);
    await sendThroughRelays(dialler, dialled, 3);
    await dialled.close();
    const store = await openStore({
      profile: await bench.folder('dialled-profile'),
      defaultName: 'x',
      now: Date.now,
    });
    const record = store.devices.get(dialler.snapshot().self.id);
    const port = dialler.snapshot().port ?? 0;
    expect(record?.addresses).toEqual([]);
    expect(record?.said).toEqual(['127.0.0.1', '127.0.0.22'].map((host) => ({ host, port })));
    await store.close();
  });
});
