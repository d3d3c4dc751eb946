import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, acceptOffer, offerTo } from '../support/engines.ts';
import { SealaneCommand } from '../support/sealane-command.ts';
import { namesIn } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';

let two: TwoDevices;
const bench = new Bench();
beforeEach(async () => {
  two = await TwoDevices.make();
  await two.pair();
});
afterEach(() => Promise.all([two.dispose(), bench.dispose()]));

describe('a device that is forgotten', { timeout: 120_000 }, () => {
  it('leaves nothing to be continued, on either side, and no process has to run for that', async () => {
    const into = join(two.folder, 'in');
    const receiver = await two.receive('laptop', into);
    const film = join(two.folder, 'film.mov');
    await writeFile(film, 'film');
    await truncate(film, 900 * 1024 * 1024);
    const sender = await two.send('desk', [film], receiver.port);
    await sender.event('progress');
    receiver.command.child.kill('SIGTERM');
    await receiver.command.ended;
    sender.child.kill('SIGTERM');
    expect((await sender.ended).code).toBe(6);
    for (const [device, other] of [
      ['desk', 'laptop'],
      ['laptop', 'desk'],
    ] as const) {
      const left = await two.run(device, ['transfers']);
      expect(left.events).toHaveLength(1);
      expect(['waiting', 'running', 'connecting']).toContain(left.events[0]?.['state']);
      const forgotten = await two.run(device, ['devices', 'forget', await two.id(other)]);
      expect(forgotten.code).toBe(0);
      const { events } = await two.run(device, ['transfers']);
      expect(events.map(({ state }) => state)).toEqual(['failed']);
    }
    expect([...(await namesIn(into))]).toEqual([]);
  });
});

describe('a device that sends from no port of its own', () => {
  it('is seen by the one that it sends to', async () => {
    let clock = Date.now();
    const [sender, receiver] = await bench.pair({ second: { now: () => clock } });
    await sender.close();
    clock += 22 * 60_000;
    const note = await bench.folder('note.txt');
    await writeFile(note, 'note');
    const to = ['--to', `127.0.0.1:${String(receiver.snapshot().port)}`];
    const profile = ['--profile', await bench.folder('first-profile'), '--json'];
    const asked = offerTo(receiver);
    const command = new SealaneCommand(['send', receiver.snapshot().self.id, note, ...to, ...profile]);
    await acceptOffer(receiver, await asked);
    expect((await command.ended).code).toBe(0);
    expect(receiver.snapshot().devices.map(({ lastSeen }) => lastSeen)).toEqual([clock]);
  });
});
