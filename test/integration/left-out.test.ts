import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { leftOutOf } from '../../shared/views.ts';
import type { TransferView } from '../../shared/views.ts';
import { Bench, acceptOffer, endOf, offerTo, transferIn } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer, data, fileEntry } from '../support/hostile-sender.ts';
import { noise } from '../support/tree.ts';

/** What is left out, where paths do not tell one thing from another. */

const LARGE = 24 * 1024 * 1024;

const bench = new Bench();
afterEach(() => bench.dispose());

interface Changes {
  readonly beforeYes?: () => Promise<void>;
  /** While the line is down. */
  readonly beforeReturn?: () => Promise<void>;
}

/** Sends a folder with a large file behind whatever is in it, over a line that is cut in the middle of that one. */
async function sendOverTwoLines(source: string, changes: Changes) {
  await writeFile(join(source, 'z-large'), noise(LARGE));
  const [sender, receiver] = await bench.pair();
  const line = await bench.lineTo(receiver);
  const to = { host: '127.0.0.1', port: line.port };
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source], to });
  const ends = Promise.all([endOf(receiver, id), endOf(sender, id)]);
  const offer = await offerTo(receiver, id);
  await changes.beforeYes?.();
  const half = line.reached(line.forwarded + LARGE / 2);
  await acceptOffer(receiver, offer);
  await half;
  line.slow();
  const isWaiting = transferIn(receiver, ['waiting'], id);
  await changes.beforeReturn?.();
  line.reset();
  await isWaiting;
  return await ends;
}

const summaryOf = ({ state }: TransferView) => {
  const { skipped = [], skippedCount = 0 } = leftOutOf(state) ?? {};
  return { kind: state.kind, skippedCount, reasons: skipped.map(({ reason }) => reason) };
};

describe.skipIf(process.platform !== 'linux')('a file whose name cannot be written', () => {
  it('stays left out when another one, whose name reads the same, changes and comes once more', async () => {
    const source = await bench.folder('Docs');
    await mkdir(source);
    const unwritable = Buffer.from([0xe9, ...Buffer.from('.txt')]);
    await writeFile(Buffer.concat([Buffer.from(join(source, 'caf')), unwritable]), 'in Latin-1');
    const readable = join(source, 'caf\ufffd.txt');
    await writeFile(readable, 'with U+FFFD in its name');
    const ends = await sendOverTwoLines(source, { beforeReturn: () => writeFile(readable, 'changed') });
    for (const view of ends)
      expect(summaryOf(view)).toEqual({ kind: 'incomplete', skippedCount: 1, reasons: ['name-encoding'] });
  });
});

describe('more files than are listed that change between offer and yes', () => {
  it('are none of them left out once all have come', async () => {
    const source = await bench.folder('Photos');
    await mkdir(source);
    const files = Array.from({ length: 150 }, (_, n) => join(source, `a-${String(n)}.txt`));
    for (const file of files) await writeFile(file, 'old');
    const ends = await sendOverTwoLines(source, {
      beforeYes: async () => {
        for (const file of files) await writeFile(file, 'newer');
      },
    });
    for (const view of ends) expect(summaryOf(view)).toEqual({ kind: 'done', skippedCount: 0, reasons: [] });
    expect(await readdir(join(await bench.folder('second-received'), 'Photos'))).toHaveLength(151);
  });
});

describe('a hostile sender', () => {
  it('does not get a transfer called done by newer versions of another file under the same path', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const item = { name: 'F', kind: 'folder' as const, program: false };
    const offer = { items: [item], itemCount: 1, files: 3, folders: 1, bytes: 9, hidden: 0, programs: 0 };
    const first = new HostileTransfer(await hostile.dial());
    await first.start(victim, offer);
    const isWaiting = transferIn(victim, ['waiting'], first.id);
    const path = ['F', 'a.pdf'];
    first.send(
      first.seal((writer) => {
        writer.entry({ kind: 'folder', path: ['F'], mtimeUs: 0 });
        for (let n = 0; n < 2; n++) writer.missing({ path, executable: false }, 'vanished');
        writer.entry(fileEntry(path, 1));
        data(writer, Uint8Array.of(1));
        writer.end();
      }),
    );
    // What is safe is said: all four entries are.
    for (;;) if ((await first.peer.expect('progress')).safeChunks === 1) break;
    first.peer.close();
    await isWaiting;
    const end = endOf(victim, first.id);
    const second = new HostileTransfer(await hostile.dial(), first.id);
    const place = await second.agree(await second.offer({ ...offer, files: 5 }));
    expect(place).toEqual({ entry: 4, offset: 0 });
    const sealed = second.seal(
      (writer) => {
        for (let n = 0; n < 2; n++) {
          writer.entry({ kind: 'file', path, size: 1, mtimeUs: 0, executable: false, again: 3 });
          data(writer, Uint8Array.of(2));
          writer.end();
        }
        writer.finish({ files: 2, bytes: 2, skippedCount: 0 });
      },
      { ...place, final: true },
    );
    second.send(sealed);
    expect(summaryOf(await end)).toMatchObject({ kind: 'incomplete', skippedCount: 2 });
    hostile.close();
  });
});

describe('a file that has arrived, and that something on the receiving computer takes away before the rest has', () => {
  it('is left out, and both sides say so', async () => {
    const source = await bench.folder('Tools');
    await mkdir(source);
    for (const name of ['a-quarantined', 'b-kept']) await writeFile(join(source, name), name);
    await writeFile(join(source, 'z-large'), noise(LARGE));
    const [sender, receiver] = await bench.pair();
    const line = await bench.lineTo(receiver);
    const to = { host: '127.0.0.1', port: line.port };
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source], to });
    const ends = Promise.all([endOf(receiver, id), endOf(sender, id)]);
    const offer = await offerTo(receiver, id);
    const half = line.reached(line.forwarded + LARGE / 2);
    await acceptOffer(receiver, offer);
    await half;
    line.slow();
    const received = await bench.folder('second-received');
    const [staging = ''] = await readdir(received);
    await rm(join(received, staging, 'tree', 'Tools', 'a-quarantined'));
    for (const view of await ends)
      expect(summaryOf(view)).toEqual({ kind: 'incomplete', skippedCount: 1, reasons: ['taken-away'] });
    expect((await readdir(join(received, 'Tools'))).sort()).toEqual(['b-kept', 'z-large']);
  });
});
