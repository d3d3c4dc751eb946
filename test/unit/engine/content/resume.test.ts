import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  ContentProgress,
  ContentReceiver,
  Cursor,
  ReceiveSummary,
  Revision,
} from '../../../../src-main/engine/content/contract.ts';
import { createContentReceiver } from '../../../../src-main/engine/content/receiver-handle.ts';
import { createContentSender } from '../../../../src-main/engine/content/sender-handle.ts';
import { TRANSFER, agreedTo, bodyOf, newFolder, newKey, picture, write } from './support.ts';
import { offeredOf } from '../../../support/offers.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const never = new AbortController().signal;

/** What one connection came to. */
interface Connection {
  readonly from: Cursor;
  readonly revision: Revision;
  /** Frames that the receiver took, with all that is in them. */
  readonly wireBytes: number;
  readonly progress: readonly ContentProgress[];
  /** Null when the line was cut. */
  readonly summary: ReceiveSummary | null;
}

/** Two devices, and one transfer between them over as many connections as it takes. Everything but the line is real. */
class Pair {
  readonly source = newFolder();
  readonly destination = newFolder();
  readonly #manifestFile = join(newFolder(), 'manifest');
  readonly #journalFolder = newFolder();

  /** Where a file of the source is. */
  at(name: string): string {
    return join(this.source, 'item', name);
  }

  async scan(): Promise<void> {
    const sender = createContentSender();
    try {
      await sender.scan([join(this.source, 'item')], this.#manifestFile, () => undefined, never);
    } finally {
      await sender.close();
    }
  }

  loseJournal(): void {
    rmSync(this.#journalFolder, { recursive: true });
    mkdirSync(this.#journalFolder);
  }

  /** Connects and sends until about `cutAfter` bytes have crossed; `during` is called before every frame with their number. */
  async connect(
    cutAfter = Infinity,
    during: (wireBytes: number) => void = () => undefined,
  ): Promise<Connection> {
    const sender = createContentSender();
    const receiver = createContentReceiver();
    onTestFinished(() => sender.close());
    const revision = await sender.revise(this.#manifestFile, never);
    const prepared = await receiver.prepare({
      transfer: TRANSFER,
      agreed: agreedTo(this.destination),
      journalFolder: this.#journalFolder,
      offered: offeredOf({ ...revision, itemCount: 1 }),
    });
    const key = newKey();
    const keyThere = Uint8Array.from(key);
    const { from } = prepared;
    const begun = await sender.begin({ manifestFile: this.#manifestFile, transfer: TRANSFER, key, from });
    await receiver.begin({ key: keyThere, header: begun.header });
    const progress = [begun.progress];
    let wireBytes = 0;
    for (;;) {
      during(wireBytes);
      const frame = wireBytes < cutAfter ? await sender.next() : null;
      if (frame === null) break;
      wireBytes += frame.bytes.length;
      progress.push(frame.progress);
      await receiver.write(bodyOf({ bytes: Uint8Array.from(frame.bytes) }));
      frame.release();
    }
    const isWhole = (await sender.close(), wireBytes < cutAfter);
    const summary = isWhole ? await publish(receiver) : null;
    if (summary === null) await receiver.suspend();
    return { from, revision, wireBytes, progress, summary };
  }
}

async function publish(receiver: ContentReceiver): Promise<ReceiveSummary> {
  await receiver.finished;
  const summary = await receiver.publish();
  await receiver.close();
  return summary;
}

/** Everything that is offered was passed when the last frame was out, and it never went back. */
function expectWholeProgress({ progress, revision }: Connection, files: number): void {
  for (const [n, { bytes }] of progress.entries())
    expect(bytes).toBeGreaterThanOrEqual(progress[n - 1]?.bytes ?? 0);
  expect(progress.at(-1)).toEqual({ bytes: revision.bytes, files });
}

/** A stream of numbers that is the same for the same seed: 0 ≤ n < below. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a transfer over several connections', () => {
  it('goes on where it was, and sends nothing twice', async () => {
    const pair = new Pair();
    write(pair.source, 'item/a big one', randomBytes(10 * MIB));
    for (let n = 0; n < 200; n += 1) write(pair.source, `item/small/${String(n)}`, randomBytes(n * 100));
    await pair.scan();
    const connections: Connection[] = [];
    while (connections.at(-1)?.summary === undefined || connections.at(-1)?.summary === null)
      connections.push(await pair.connect(2 * MIB));
    expect(connections.length).toBeGreaterThan(4);
    expect(picture(pair.destination)).toEqual(picture(pair.source));
    const last = connections.at(-1) ?? expect.fail('no connection');
    expect(last.summary).toMatchObject({ files: 201, bytes: last.revision.bytes, skippedCount: 0 });
    expectWholeProgress(last, 201);
    // Of each connection, the entry of the file in the middle of which it began, and its last records.
    const wire = connections.reduce((sum, { wireBytes }) => sum + wireBytes, 0);
    expect(wire).toBeLessThan(last.revision.bytes + 201 * 150 + connections.length * 1000);
  });

  it('sends what changed once more, what did not never, and ends with what is there now', async () => {
    const pair = new Pair();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const name of names) write(pair.source, `item/${name}`, randomBytes(MIB));
    write(pair.source, 'item/sub/z', randomBytes(100));
    await pair.scan();
    // Whole: a, b, c, perhaps d. Under way: d or e. Not begun: f, g, h, z.
    const first = await pair.connect(3.7 * MIB);
    expect(first.summary).toBeNull();

    writeFileSync(pair.at('a'), randomBytes(MIB));
    truncateSync(pair.at('b'), 1000);
    writeFileSync(pair.at('d'), randomBytes(MIB + 5));
    writeFileSync(pair.at('e'), randomBytes(MIB + 7));
    writeFileSync(pair.at('f'), randomBytes(MIB + 6));
    writeFileSync(pair.at('sub/z'), '');
    rmSync(pair.at('h'));
    const second = await pair.connect();
    expect(second.from.entry).toBeGreaterThanOrEqual(4);
    expect(second.revision).toMatchObject({
      resent: ['item/a', 'item/b', 'item/d', 'item/e', 'item/f', 'item/sub/z'],
      files: 15,
      bytes: 12 * MIB + 100 + 1000 + 5 + 7 + 6,
    });
    expect(second.summary).toMatchObject({
      files: 8,
      skipped: [{ path: 'item/h', reason: 'vanished' }],
      skippedCount: 1,
    });
    expect(contents(pair.destination)).toEqual(contents(pair.source));
    expectWholeProgress(second, 9);
    // a, d, e, f, g, and little more.
    expect(second.wireBytes).toBeLessThan(5 * MIB + 10_000);
  });

  it('brings a file that changed while it was sent with the next connection', async () => {
    const pair = new Pair();
    for (const name of ['a', 'b', 'c']) write(pair.source, `item/${name}`, randomBytes(5 * MIB));
    await pair.scan();
    const first = await pair.connect(12 * MIB, (wireBytes) => {
      if (wireBytes > 6 * MIB && wireBytes < 7 * MIB) writeFileSync(pair.at('b'), randomBytes(5 * MIB + 1));
    });
    expect(first.summary).toBeNull();
    const second = await pair.connect();
    expect(second.revision.resent).toEqual(['item/b']);
    expect(picture(pair.destination)).toEqual(picture(pair.source));
    expect(second.summary).toMatchObject({ files: 3 });
  });

  it('keeps a file that came and then vanished', async () => {
    const pair = new Pair();
    for (const name of ['a', 'b']) write(pair.source, `item/${name}`, randomBytes(4 * MIB));
    const whole = picture(pair.source);
    await pair.scan();
    await pair.connect(6 * MIB);
    rmSync(pair.at('a'));
    const second = await pair.connect();
    expect(second.summary).toMatchObject({ files: 2, skippedCount: 0 });
    const arrived = picture(pair.destination);
    // The folder's time is that of the walk.
    expect(arrived).toEqual(whole);
  });

  it('begins anew when the receiver has lost its journal, changes and all', async () => {
    const pair = new Pair();
    for (const name of ['a', 'b', 'c']) write(pair.source, `item/${name}`, randomBytes(MIB));
    await pair.scan();
    await pair.connect(1.5 * MIB);
    writeFileSync(pair.at('a'), 'new');
    writeFileSync(pair.at('b'), 'new');
    await pair.connect(0);
    pair.loseJournal();
    writeFileSync(pair.at('c'), 'new');
    const { from, summary } = await pair.connect();
    expect(from).toEqual({ entry: 0, offset: 0 });
    expect(summary).toMatchObject({ files: 3, bytes: 9 });
    // Nobody knows any more whose the old staging folder is, so it stays.
    expect(contents(join(pair.destination, 'item'))).toEqual(contents(join(pair.source, 'item')));
  });

  const append = (file: string, number: (below: number) => number): void => {
    appendFileSync(file, randomBytes(1 + number(1000)));
  };
  const changes: readonly ((file: string, number: (below: number) => number) => void)[] = [
    (file, number) => {
      writeFileSync(file, randomBytes(number(400 * KIB)));
    },
    append,
    (file) => {
      truncateSync(file, 0);
    },
    (file, number) => {
      utimesSync(file, 1_600_000_000 + number(1_000_000), 1_600_000_000 + number(1_000_000));
    },
    (file) => {
      copyFileSync(file, `${file}~`);
      renameSync(`${file}~`, file);
    },
  ];
  for (const seed of [1, 2, 3]) {
    it(
      `ends with what is there whatever changes whenever (${String(seed)})`,
      { timeout: 120_000 },
      async () => {
        const number = numbers(seed);
        const pair = new Pair();
        for (let n = 0; n < 24; n += 1)
          write(pair.source, `item/${String(n % 3)}/${String(n)}`, randomBytes(number(700 * KIB)));
        const folders = readdirSync(join(pair.source, 'item'));
        await pair.scan();
        const appended = new Set<string>();
        const change = (): void => {
          const n = number(24);
          const name = `${String(n % 3)}/${String(n)}`;
          const how = changes[number(changes.length)] ?? append;
          if (how === append) appended.add(name);
          how(pair.at(name), number);
        };
        let offered = 0;
        for (let round = 0; round < 5; round += 1) {
          const cut = await pair.connect(number(2 * MIB), () => {
            if (number(3) === 0) change();
          });
          expect(cut.summary).toBeNull();
          expect(cut.revision.bytes).toBeGreaterThanOrEqual(offered);
          for (const { bytes, files } of cut.progress) {
            expect(bytes).toBeLessThanOrEqual(cut.revision.bytes);
            expect(files).toBeLessThanOrEqual(cut.revision.files);
          }
          offered = cut.revision.bytes;
          for (let n = number(4); n > 0; n -= 1) change();
        }
        const last = await pair.connect();
        expect(last.summary).toMatchObject({ files: 24 });
        expectWholeProgress(last, 24);
        const [here, there] = [contents(pair.source), contents(pair.destination)];
        for (const name of appended) {
          // What was listed of it is the beginning of what is there now.
          const whole = readFileSync(pair.at(name));
          const arrived = readFileSync(join(pair.destination, 'item', name));
          expect(whole.subarray(0, arrived.length).equals(arrived)).toBe(true);
          for (const files of [here, there]) Reflect.deleteProperty(files, `item/${name}`);
        }
        expect(there).toEqual(here);
        expect(folders).toEqual(readdirSync(join(pair.destination, 'item')));
      },
    );
  }
});

/** Files only: the times of folders change as files in them are replaced. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(picture(folder)).filter(([, what]) => what.startsWith('file')));
}
