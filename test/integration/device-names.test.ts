import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import type { DeviceId } from '../../shared/device-id.ts';
import { RENAME_BURST } from '../../shared/limits.ts';
import type { DeviceView } from '../../shared/views.ts';
import { Bench, acceptOffer, endOf, offerTo, pairEngines, sendAndAccept } from '../support/engines.ts';
import type { HostileDevice } from '../support/hostile-device.ts';
import { victimAndHostile } from '../support/hostile-device.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

async function letter(name = 'letter.txt'): Promise<string> {
  const path = await bench.folder(name);
  await writeFile(path, 'a letter');
  return path;
}

function seen(engine: Engine, id: DeviceId): DeviceView | undefined {
  return engine.snapshot().devices.find((device) => device.id === id);
}

/** A connection on which the device only says what it is called. */
async function callItself(hostile: HostileDevice, name: string): Promise<void> {
  const peer = await hostile.dial();
  peer.hello(name);
  await peer.expect('hello');
  peer.message('wake', {});
  await peer.ending();
}

describe('a device that was renamed', () => {
  it('is called so by the one it sends to, from the offer on, with the name it had', async () => {
    const [first, second] = await bench.pair();
    const { id } = first.snapshot().self;
    await first.renameSelf('Kitchen');
    const sent = await first.send({ device: second.snapshot().self.id, paths: [await letter()] });
    const offered = await offerTo(second, sent);
    expect(offered.device.name).toBe('Kitchen (was first)');
    const end = endOf(second, sent);
    await acceptOffer(second, offered);
    expect((await end).state.kind).toBe('done');
    expect(seen(second, id)).toMatchObject({ name: 'Kitchen', was: 'first', label: 'Kitchen (was first)' });
  });

  it('is called so by the one that sends to it', async () => {
    const [first, second] = await bench.pair();
    await second.renameSelf('Attic');
    await sendAndAccept(first, second, [await letter()]);
    expect(seen(first, second.snapshot().self.id)).toMatchObject({ name: 'Attic', was: 'second' });
  });

  it('is shown by its new name alone once this was noted, and not where it has changed again', async () => {
    const [first, second] = await bench.pair();
    const { id } = first.snapshot().self;
    await first.renameSelf('Kitchen');
    await sendAndAccept(first, second, [await letter()]);
    await second.changeDevice(id, { noted: 'first' });
    expect(seen(second, id)?.label).toBe('Kitchen (was first)');
    const noted = await second.changeDevice(id, { noted: 'Kitchen' });
    expect(noted).toMatchObject({ name: 'Kitchen', was: null, label: 'Kitchen' });
  });

  it('keeps the name that the user of the other one has given it', async () => {
    const [first, second] = await bench.pair();
    const { id } = first.snapshot().self;
    await second.changeDevice(id, { name: 'My desk' });
    await first.renameSelf('Kitchen');
    await sendAndAccept(first, second, [await letter()]);
    expect(seen(second, id)).toMatchObject({ name: 'My desk', was: null, label: 'My desk' });
  });
});

describe('a hostile device', () => {
  it('cannot hide what it was called by changing its name often, and is not followed for long', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    let told = 0;
    victim.subscribe(({ type }) => (told += type === 'devices' ? 1 : 0));
    const names = Array.from({ length: RENAME_BURST + 5 }, (_, count) => `Mask ${String(count)}`);
    for (const name of names) await callItself(hostile, name);
    expect(told).toBeLessThanOrEqual(RENAME_BURST + 1);
    expect(seen(victim, hostile.id)).toMatchObject({
      name: `Mask ${String(RENAME_BURST - 1)}`,
      was: 'hostile',
    });
    hostile.close();
  });

  it('that takes the name of another one is told apart from it, and no name means either of them', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const friend = await bench.engine('Kay');
    await pairEngines(victim, friend);
    await callItself(hostile, ' KAY');
    const { id } = friend.snapshot().self;
    expect(seen(victim, id)?.label).toBe(`Kay (${id.slice(0, 7)})`);
    expect(seen(victim, hostile.id)?.label).toBe(`KAY (${hostile.id.slice(0, 7)}, was hostile)`);
    expect(() => victim.findDevice('kay')).toThrow(/More than one paired device/);
    const { received } = await sendAndAccept(friend, victim, [await letter()]);
    expect(received.device.name).toBe(`Kay (${id.slice(0, 7)})`);
    hostile.close();
  });

  it('that calls itself nothing but blanks keeps its name', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    await callItself(hostile, ' \t');
    expect(seen(victim, hostile.id)?.label).toBe('hostile');
    hostile.close();
  });
});
