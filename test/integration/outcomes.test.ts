import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TransferView } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';
import { namesIn } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

interface Sent {
  readonly code: number | null;
  readonly last: Record<string, unknown> | undefined;
  readonly received: TransferView;
  /** What `sealane transfers` says afterwards. */
  readonly listed: Record<string, unknown> | undefined;
}

/** Sends with the real command; `meanwhile` runs between the offer and the yes. */
async function send(source: string, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<Sent> {
  const [sender, receiver] = await bench.pair();
  await sender.close();
  const profile = ['--json', '--profile', await bench.folder('first-profile')];
  const end = endOf(receiver);
  const command = new SealaneCommand([
    'send',
    receiver.snapshot().self.id,
    source,
    ...to(receiver),
    ...profile,
  ]);
  const offer = await offerTo(receiver);
  await meanwhile();
  await acceptOffer(receiver, offer);
  const { code, events } = await command.ended;
  const { events: listed } = await sealane(['transfers', ...profile]);
  return { code, last: events.at(-1), received: await end, listed: listed[0] };
}

function to(engine: Engine): readonly string[] {
  return ['--to', `127.0.0.1:${String(engine.snapshot().port)}`];
}

describe('a script that sends can tell apart', () => {
  it('that everything arrived: 0', async () => {
    const source = await bench.folder('Plans');
    await mkdir(source);
    await writeFile(join(source, 'a.txt'), 'a');
    const { code, last, received, listed } = await send(source);
    expect(code).toBe(0);
    expect(last).toMatchObject({ event: 'done', files: 1 });
    expect(received.state.kind).toBe('done');
    expect(listed).toMatchObject({ state: 'done', skippedCount: 0 });
  });

  it('that some of it was left out and the rest is there: 7', async () => {
    const source = await bench.folder('Plans');
    await mkdir(source);
    await writeFile(join(source, 'a.txt'), 'a');
    await symlink('/etc/hostname', join(source, 'outside'));
    const { code, last, received, listed } = await send(source);
    const leftOut = { skipped: [{ path: 'Plans/outside', reason: 'link-outside' }], skippedCount: 1 };
    expect(code).toBe(7);
    expect(last).toMatchObject({ event: 'incomplete', files: 1, ...leftOut });
    expect(received.state).toMatchObject({ kind: 'incomplete', leftOut });
    expect(listed).toMatchObject({ state: 'incomplete', skippedCount: 1 });
    expect([...(await namesIn(join(await bench.folder('second-received'), 'Plans')))]).toEqual(['a.txt']);
  });

  it('that an empty folder is all that is there: 7', async () => {
    const source = await bench.folder('Plans');
    await mkdir(source);
    await writeFile(join(source, 'draft.txt'), 'draft');
    const { code, last } = await send(source, () => rm(join(source, 'draft.txt')));
    expect(code).toBe(7);
    expect(last).toMatchObject({ event: 'incomplete', files: 0, skippedCount: 1 });
  });

  it('that nothing arrived: 1, and both histories call it failed', async () => {
    const source = await bench.folder('ticket.pdf');
    await writeFile(source, 'ticket');
    const { code, last, received, listed } = await send(source, () => rm(source));
    const leftOut = { skipped: [{ path: 'ticket.pdf', reason: 'vanished' }], skippedCount: 1 };
    expect(code).toBe(1);
    expect(last).toMatchObject({ event: 'error', code: 'nothing-arrived', ...leftOut });
    expect(received.state).toMatchObject({ kind: 'failed', error: { code: 'nothing-arrived' }, leftOut });
    expect(listed).toMatchObject({ state: 'failed', skippedCount: 1 });
  });
});

describe('a script that receives once', () => {
  it('learns by its exit code that something is missing', async () => {
    const two = await TwoDevices.make();
    try {
      await two.pair();
      const source = join(two.folder, 'Plans');
      await mkdir(source);
      await writeFile(join(source, 'a.txt'), 'a');
      await symlink('/etc/hostname', join(source, 'outside'));
      const into = join(two.folder, 'in');
      const args = ['receive', '--once', '--into', into, '--accept', 'always', '--listen', '127.0.0.1:0'];
      const receiver = two.start('laptop', args);
      const { port } = await receiver.event('ready');
      const sender = await two.send('desk', [source], Number(port));
      expect((await sender.ended).code).toBe(7);
      expect((await receiver.ended).code).toBe(7);
    } finally {
      await two.dispose();
    }
  });
});
