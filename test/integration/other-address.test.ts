import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import type { OtherAddressView } from '../../shared/views.ts';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';
import { SealaneCommand } from '../support/sealane-command.ts';

/** An address that is given for a device and does not lead to it, where the device is known to be somewhere else. */

const bench = new Bench();
const servers: Server[] = [];
const held: Socket[] = [];
afterEach(async () => {
  for (const socket of held.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await bench.dispose();
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Every connection is taken, and nothing is ever said. */
function silentPort(): Promise<number> {
  return portOf(createServer((socket) => held.push(socket.on('error', () => undefined))));
}

/** One that was just free. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function file(bytes: number): Promise<string> {
  const path = await bench.folder('film.bin');
  await writeFile(path, '');
  await truncate(path, bytes);
  return path;
}

function toldBy(engine: Engine): readonly OtherAddressView[] {
  const told: OtherAddressView[] = [];
  engine.subscribe((event) => {
    if (event.type === 'other-address') told.push(event.otherAddress);
  });
  return told;
}

const local = (port: number) => ({ host: '127.0.0.1', port });

describe('an address that was given for a device', { timeout: 60_000 }, () => {
  it.each([
    ['refused', 'at which nothing listens', closedPort],
    ['silent', 'from which no answer comes', silentPort],
    ['not-sealane', 'at which something else answers', () => portOf(createHttpServer())],
    [
      'other-device',
      'at which another device answers',
      async () => (await bench.engine('third')).snapshot().port ?? 0,
    ],
  ] as const)('%s: one %s is told, and the files arrive', async (cause, _what, openPort) => {
    const [sender, receiver] = await bench.pair();
    const told = toldBy(sender);
    const { port: reached, self: device } = receiver.snapshot();
    const port = await openPort();
    const id = await sender.send({ device: device.id, paths: [await file(10)], to: local(port) });
    const ends = [endOf(sender, id), endOf(receiver, id)];
    await acceptOffer(receiver, await offerTo(receiver, id));
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(told).toEqual([
      {
        transfer: id,
        device,
        given: `127.0.0.1:${String(port)}`,
        cause,
        reached: `127.0.0.1:${String(reached)}`,
      },
    ]);
  });

  it('is told to be no good once, however often the line breaks', async () => {
    const [sender, receiver] = await bench.pair();
    const line = await bench.lineTo(receiver);
    const device = receiver.snapshot().self.id;
    // The line is where the device was reached last.
    await sender.lookForDevice(device, local(line.port));
    const told = toldBy(sender);
    const size = 64 * 1024 * 1024;
    const id = await sender.send({ device, paths: [await file(size)], to: local(await closedPort()) });
    const ends = [endOf(sender, id), endOf(receiver, id)];
    const isHalfWay = line.reached(size / 2);
    await acceptOffer(receiver, await offerTo(receiver, id));
    await isHalfWay;
    line.reset();
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(told.map(({ reached }) => reached)).toEqual([`127.0.0.1:${String(line.port)}`]);
  });

  it('that leads to the device is not spoken of', async () => {
    const [sender, receiver] = await bench.pair();
    const line = await bench.lineTo(receiver);
    const told = toldBy(sender);
    const device = receiver.snapshot().self.id;
    const id = await sender.send({ device, paths: [await file(10)], to: local(line.port) });
    const end = endOf(sender, id);
    await acceptOffer(receiver, await offerTo(receiver, id));
    expect((await end).state.kind).toBe('done');
    expect(told).toEqual([]);
  });
});

describe('sealane send --to', { timeout: 60_000 }, () => {
  it.each(['people', 'scripts'])(
    'an address that does not lead to the device says so to %s, and the send goes on',
    async (whom) => {
      const [sender, receiver] = await bench.pair();
      const { port, self } = receiver.snapshot();
      await sender.close();
      const accepted = offerTo(receiver).then((offer) => acceptOffer(receiver, offer));
      const given = `127.0.0.1:${String(await closedPort())}`;
      const place = ['--profile', await bench.folder('first-profile'), '--listen', '127.0.0.1:0'];
      const args = ['send', self.id, await file(10), '--to', given, ...place];
      const command = new SealaneCommand(whom === 'people' ? args : [...args, '--json']);
      const { code, stdout, stderr } = await command.ended;
      await accepted;
      expect(code).toBe(0);
      const reached = `127.0.0.1:${String(port)}`;
      const message = `second was not reached at ${given}: nothing listens there. It was reached at ${reached}, and this is sent there.`;
      if (whom === 'people') {
        expect(stderr).toBe(`${message}\n`);
        expect(stdout).not.toContain(given);
        return;
      }
      expect(stderr).toBe('');
      const device = { id: self.id, name: 'second' };
      expect(command.events.filter(({ event }) => event === 'other-address')).toEqual([
        {
          event: 'other-address',
          transfer: command.events.find(({ event }) => event === 'done')?.['transfer'],
          device,
          given,
          cause: 'refused',
          reached,
          message,
        },
      ]);
    },
  );
});
