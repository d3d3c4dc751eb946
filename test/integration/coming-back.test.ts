import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceId } from '../../shared/device-id.ts';
import type { DeviceView, TransferId } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, eventOf, offerTo, pairEngines } from '../support/engines.ts';

/** A device that is somewhere else after a start, and what waits to be sent to it. */

const bench = new Bench();
const servers: Server[] = [];
afterEach(async () => {
  await bench.dispose();
  for (const server of servers.splice(0)) server.close();
});

const portOf = (engine: Engine): number => engine.snapshot().port ?? 0;
const idOf = (engine: Engine): DeviceId => engine.snapshot().self.id;

/** Another program on a port that an engine has left; gives how often it was dialled. */
async function takePort(port: number): Promise<() => number> {
  let dialled = 0;
  const server = createServer((socket) => {
    dialled += 1;
    socket.on('error', () => undefined);
    socket.destroy();
  });
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return () => dialled;
}

/** Closes an engine whose port another program has from then on. */
async function leave(engine: Engine): Promise<() => number> {
  const port = portOf(engine);
  await engine.close();
  return await takePort(port);
}

/** Resolves when there is news of the devices, and one of them is so. */
function devicesOf(engine: Engine, isSo: (device: DeviceView) => boolean): Promise<true> {
  return eventOf(engine, (event) =>
    event.type === 'devices' && event.devices.some(isSo) ? true : undefined,
  );
}

/** Sends a small file to a device that is not there; resolves once it waits. */
async function sendLater(sender: Engine, device: DeviceId): Promise<TransferId> {
  const file = await bench.folder('letter.txt');
  await writeFile(file, 'ten bytes.');
  const waiting = eventOf(sender, (event) =>
    event.type === 'transfer' && event.transfer.state.kind === 'waiting' ? true : undefined,
  );
  const id = await sender.send({ device, paths: [file], whenUnreachable: 'wait' });
  await waiting;
  return id;
}

async function expectArrival(sender: Engine, receiver: Engine, id: TransferId): Promise<void> {
  const end = endOf(sender, id);
  await acceptOffer(receiver, await offerTo(receiver, id));
  expect((await end).state.kind).toBe('done');
}

describe('a device that is back on another port', () => {
  it('says so to those it is paired with, and what waits for it there begins', async () => {
    const [sender, receiver] = await bench.pair();
    await leave(receiver);
    const id = await sendLater(sender, idOf(receiver));
    const back = await bench.engine('second', { announces: true });
    await expectArrival(sender, back, id);
  });

  it('knocks once, also where it is kept waiting', async () => {
    const [first, second] = await bench.pair();
    const port = portOf(first);
    await first.close();
    const knocks: Promise<unknown>[] = [];
    const silent = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      knocks.push(once(socket, 'close'));
    });
    servers.push(silent);
    silent.listen(port, '127.0.0.1');
    await once(silent, 'listening');
    await second.close();
    const knocked = once(silent, 'connection');
    await bench.engine('second', { announces: true });
    await knocked;
    await Promise.all(knocks);
    expect(knocks).toHaveLength(1);
  });

  it('does not knock where it is known not to be trusted any more', async () => {
    const [first, second] = await bench.pair();
    const third = await bench.engine('third');
    await pairEngines(second, third);
    await first.forgetDevice(idOf(second));
    // It learns that by trying.
    const learnt = devicesOf(second, ({ hasForgotten }) => hasForgotten);
    const file = await bench.folder('letter.txt');
    await writeFile(file, 'ten bytes.');
    await second.send({ device: idOf(first), paths: [file], whenUnreachable: 'fail' });
    await learnt;
    const dialled = await leave(first);
    await second.close();
    const heard = devicesOf(third, () => true);
    await bench.engine('second', { announces: true });
    // Whoever is to be told is dialled in the same moment.
    await heard;
    expect(dialled()).toBe(0);
  });
});

describe('a device that its user says where it is', () => {
  it('is found there where both have moved, and from then on', async () => {
    const [sender, receiver] = await bench.pair();
    await leave(receiver);
    const id = await sendLater(sender, idOf(receiver));
    await leave(sender);
    const back = await bench.engine('second', { announces: true });
    const moved = await bench.engine('first', { resumeSends: true, announces: true });
    await moved.lookForDevice(idOf(receiver), { host: '127.0.0.1', port: portOf(back) });
    await expectArrival(moved, back, id);
    await moved.close();
    const again = await bench.engine('first');
    const file = await bench.folder('second letter.txt');
    await writeFile(file, 'ten bytes.');
    const next = await again.send({ device: idOf(receiver), paths: [file], whenUnreachable: 'fail' });
    await expectArrival(again, back, next);
  });

  it('is not taken for another one that answers there, nor looked for there again', async () => {
    const [sender, receiver] = await bench.pair();
    const stranger = await bench.engine('stranger');
    const dialled = await leave(receiver);
    const host = '127.0.0.1';
    const port = portOf(stranger);
    await expect(sender.lookForDevice(idOf(receiver), { host, port })).rejects.toMatchObject({
      code: 'peer-key-mismatch',
    });
    await stranger.close();
    const elsewhere = await takePort(port);
    await expect(sender.lookForDevice(idOf(receiver), { host, port })).rejects.toMatchObject({
      code: 'unreachable',
    });
    const before = elsewhere();
    await sendLater(sender, idOf(receiver));
    expect(dialled()).toBeGreaterThan(0);
    expect(elsewhere()).toBe(before);
    await expect(sender.lookForDevice(idOf(stranger), { host, port })).rejects.toMatchObject({
      code: 'device-unknown',
    });
  });
});
