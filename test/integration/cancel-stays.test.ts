import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, acceptOffer, endOf, eventOf, offerTo, transferIn } from '../support/engines.ts';
import { befriend } from '../support/hostile-device.ts';
import { HostileTransfer } from '../support/hostile-sender.ts';
import { noise } from '../support/tree.ts';

/** What a user has cancelled stays so, whatever the other side does with it, or sends again. */

const bench = new Bench();
afterEach(() => bench.dispose());

/** A file of a few chunks. */
async function film(): Promise<string> {
  const file = await bench.folder('film.mov');
  await writeFile(file, noise(24 * 1024 * 1024));
  return file;
}

describe('a transfer that its receiver cancels', { timeout: 60_000 }, () => {
  it('is not sent anew by a send that has just been told that it is paused', async () => {
    const [first, receiver] = await bench.pair();
    await receiver.changeDevice(first.snapshot().self.id, { accept: 'always' });
    const line = await bench.lineTo(receiver);
    const to = { host: '127.0.0.1', port: line.port };
    const request = { device: receiver.snapshot().self.id, paths: [await film()], to };
    const id = await first.send(request);
    await transferIn(receiver, ['running'], id);
    line.slow();
    const paused = transferIn(first, ['paused'], id);
    await receiver.pauseTransfer(id);
    await paused;
    await first.close();

    const again = await bench.engine('first');
    const answered = eventOf(again, (event) =>
      event.type === 'transfer' && event.transfer.state.kind === 'offered' ? true : undefined,
    );
    expect(await again.send({ ...request, whenUnreachable: 'wait' })).toBe(id);
    await answered;
    await transferIn(again, ['paused'], id);
    const end = endOf(again, id);
    await receiver.cancelTransfer(id);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'peer' });
    for (const engine of [again, receiver]) expect(engine.snapshot().transfers).toHaveLength(1);
  });

  it('is told to its sender once it is back, also where that had heard before that a folder cannot be used', async () => {
    const [sender, receiver] = await bench.pair();
    const blocked = await bench.folder('blocked');
    await writeFile(blocked, '');
    const to = { host: '127.0.0.1', port: receiver.snapshot().port ?? 0 };
    const request = { device: receiver.snapshot().self.id, paths: [await film()], to };
    const id = await sender.send({ ...request, whenUnreachable: 'wait' });
    const waits = transferIn(sender, ['waiting'], id);
    const into = join(blocked, 'below');
    await acceptOffer(receiver, await offerTo(receiver, id), { into, whenUnusable: 'wait' });
    await waits;
    await sender.pauseTransfer(id);
    await sender.close();
    expect(await receiver.cancelUnfinished(id)).toMatchObject({ isTold: false });
    const left = await readdir(join(await bench.folder('second-profile'), 'transfers'));
    expect(left).toContain(`${id}.farewell`);

    const back = await bench.engine('first', { resumeSends: true });
    const end = endOf(back, id);
    await back.lookForDevice(request.device, to);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'peer' });
  });

  it('is answered as cancelled when it is offered again, also where its user has cleared the list', async () => {
    const victim = await bench.engine('victim');
    const device = await befriend(bench, victim, 'sender');
    const items = [{ name: 'a.bin', kind: 'file' as const, program: false }];
    const counts = { itemCount: 1, files: 1, folders: 0, bytes: 5_000_000, hidden: 0, programs: 0 };
    const first = new HostileTransfer(await device.dial());
    await first.start(victim, { items, ...counts });
    const waits = transferIn(victim, ['waiting'], first.id);
    first.peer.close();
    await waits;
    expect(await victim.cancelUnfinished(first.id)).toMatchObject({ isTold: false });
    await victim.clearHistory();
    const again = new HostileTransfer(await device.dial(), first.id);
    await again.offer({ items, ...counts });
    expect(await again.peer.ending()).toBe('cancelled');
    expect(victim.snapshot().transfers).toEqual([]);
  });
});
