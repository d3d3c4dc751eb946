import { mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isOver } from '../../shared/views.ts';
import type { TransferView } from '../../shared/views.ts';
import { Bench, acceptOffer, declineOffer, endOf, offerTo, sendAndAccept } from '../support/engines.ts';
import { listTree, makeTree, namesIn, noise } from '../support/tree.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

describe('a folder sent to a paired device', () => {
  it('arrives byte for byte, with times, executables, empty folders and Unicode names', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('Holiday');
    await makeTree(source, { small: 500, large: 20 * 1024 * 1024 });
    const { sent, received } = await sendAndAccept(sender, receiver, [source]);
    const target = join(await bench.folder('second-received'), 'Holiday');
    expect(await listTree(target)).toEqual(await listTree(source));
    const totals = { bytes: sent.totalBytes, files: sent.totalFiles };
    expect(sent.state).toMatchObject({ kind: 'done', outcome: { ...totals, into: null } });
    expect(received.state).toMatchObject({
      kind: 'done',
      outcome: { ...totals, into: await bench.folder('second-received'), names: ['Holiday'] },
    });
    expect(sent.totalFiles).toBe(504);
  });

  it('keeps a name that begins with U+FEFF, which readers of text like to drop', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('Marked');
    await mkdir(source);
    const names = ['\ufeffshort.txt', `\ufeff${'long '.repeat(20)}.txt`];
    for (const name of names) await writeFile(join(source, name), name);
    await sendAndAccept(sender, receiver, [source]);
    const target = join(await bench.folder('second-received'), 'Marked');
    expect(await listTree(target)).toEqual(await listTree(source));
    expect((await readdir(target)).sort()).toEqual(names.sort());
  });

  it('arrives beside what has its name, and overwrites nothing', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('notes.txt');
    await writeFile(source, 'new');
    const folder = await bench.folder('second-received');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'notes.txt'), 'old');
    const { sent, received } = await sendAndAccept(sender, receiver, [source]);
    expect(received.state).toMatchObject({ kind: 'done', outcome: { names: ['notes (2).txt'] } });
    const renamed = [{ from: 'notes.txt', to: 'notes (2).txt' }];
    for (const { state } of [sent, received])
      expect(state).toMatchObject({ kind: 'done', outcome: { renamed, renamedCount: 1 } });
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('old');
    expect(await readFile(join(folder, 'notes (2).txt'), 'utf8')).toBe('new');
  });

  it('is said on both sides to have another name only where it has, in whichever order it was chosen', async () => {
    const [sender, receiver] = await bench.pair();
    const folder = await bench.folder('second-received');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'bbb.txt'), 'old');
    const paths = await Promise.all(['ccc.txt', 'bbb.txt', 'abc-new.txt'].map((name) => bench.folder(name)));
    for (const path of paths) await writeFile(path, 'new');
    const tree = await bench.folder('Tree');
    await mkdir(join(tree, 'tab\t'), { recursive: true });
    await writeFile(join(tree, 'tab\t', 'nl\nx'), 'x');
    const { sent, received } = await sendAndAccept(sender, receiver, [...paths, tree]);
    const renamed = [
      { from: 'bbb.txt', to: 'bbb (2).txt' },
      { from: 'Tree/tab\t', to: 'Tree/tab_' },
      { from: 'Tree/tab\t/nl\nx', to: 'Tree/tab_/nl_x' },
    ];
    for (const { state } of [sent, received])
      expect(state).toMatchObject({ kind: 'done', outcome: { renamed, renamedCount: 3 } });
    // It is kept, and told as such from then on.
    for (const engine of [sender, receiver])
      expect(engine.snapshot().transfers).toMatchObject([
        { state: { outcome: { renamed, renamedCount: 3 } } },
      ]);
  });

  it('is sent in both directions at once over the same pairing', async () => {
    const [first, second] = await bench.pair();
    const [one, two] = [await bench.folder('one'), await bench.folder('two')];
    await makeTree(one, { large: 3_000_000 });
    await makeTree(two, { large: 5_000_000 });
    await Promise.all([sendAndAccept(first, second, [one]), sendAndAccept(second, first, [two])]);
    expect(await listTree(join(await bench.folder('second-received'), 'one'))).toEqual(await listTree(one));
    expect(await listTree(join(await bench.folder('first-received'), 'two'))).toEqual(await listTree(two));
  });

  it('is shown on its way, and its bytes never go back', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('film.mov');
    // Large enough that no machine is through with it between two reports; it holds nothing, so that it is made at once.
    const size = 768 * 1024 * 1024;
    await writeFile(source, '');
    await truncate(source, size);
    const seen: TransferView[] = [];
    sender.subscribe((event) => {
      if (event.type === 'transfer') seen.push(event.transfer);
    });
    await sendAndAccept(sender, receiver, [source]);
    expect([...new Set(seen.map(({ state }) => state.kind))]).toEqual([
      'preparing',
      'connecting',
      'offered',
      'running',
      'finishing',
      'done',
    ]);
    const bytes = seen.flatMap(({ state }) => (state.kind === 'running' ? [state.progress.bytes] : []));
    expect(bytes.length).toBeGreaterThan(2);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(bytes.at(-1)).toBeLessThanOrEqual(size);
  });
});

describe('the receiver', () => {
  it('is asked before anything touches its disk, and can decline', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const offered = offerTo(receiver);
    const ends = [endOf(sender), endOf(receiver)];
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    const offer = await offered;
    expect(offer).toMatchObject({
      items: [{ name: 'note.txt', kind: 'file', hidden: false, program: false }],
      itemCount: 1,
      totalFiles: 1,
      totalBytes: 5,
      hiddenCount: 0,
      programCount: 0,
    });
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
    await declineOffer(receiver, offer);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('declined');
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
    await expect(acceptOffer(receiver, offer)).rejects.toMatchObject({ code: 'unknown-transfer' });
  });

  it('is not asked by a device that may send without asking, whose files go into its own folder', async () => {
    const [sender, receiver] = await bench.pair();
    const into = await bench.folder('for-first');
    await receiver.changeDevice(sender.snapshot().self.id, { accept: 'always', into });
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const heard: string[] = [];
    receiver.subscribe((event) => {
      if (event.type === 'transfer') heard.push(event.transfer.state.kind);
    });
    const end = endOf(receiver);
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    expect((await end).state).toMatchObject({ kind: 'done', outcome: { into } });
    expect(await namesIn(into)).toEqual(['note.txt']);
    // Nothing that looks like a question.
    expect([...new Set(heard)]).toEqual(['running', 'finishing', 'done']);
  });

  it('may choose the folder when it accepts', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const offered = offerTo(receiver);
    const end = endOf(receiver);
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    await acceptOffer(receiver, await offered, { into: await bench.folder('elsewhere') });
    await end;
    expect(await namesIn(await bench.folder('elsewhere'))).toEqual(['note.txt']);
  });
});

describe('cancelling', () => {
  it.each(['sender', 'receiver'] as const)(
    'by the %s in the middle ends both sides and leaves no trace',
    async (who) => {
      const [sender, receiver] = await bench.pair();
      const source = await bench.folder('film.mov');
      await writeFile(source, noise(64 * 1024 * 1024));
      const offered = offerTo(receiver);
      const ends = [endOf(sender), endOf(receiver)];
      const running = new Promise<void>((resolve) => {
        receiver.subscribe((event) => {
          if (event.type === 'transfer' && event.transfer.state.kind === 'running') resolve();
        });
      });
      const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
      await acceptOffer(receiver, await offered);
      await running;
      await (who === 'sender' ? sender : receiver).cancelTransfer(id);
      const [sent, received] = await Promise.all(ends);
      expect(sent?.state).toEqual({ kind: 'cancelled', by: who === 'sender' ? 'me' : 'peer' });
      expect(received?.state).toEqual({ kind: 'cancelled', by: who === 'receiver' ? 'me' : 'peer' });
      expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
    },
  );

  it('by the sender while the receiver is still asked takes the question back', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const offered = offerTo(receiver);
    const end = endOf(receiver);
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    await offered;
    await sender.cancelTransfer(id);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'peer' });
  });
});

describe('the history', () => {
  it('keeps what has ended over a restart, until it is cleared', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    await sendAndAccept(sender, receiver, [source]);
    await sender.close();
    const again = await bench.engine('first');
    const { transfers } = again.snapshot();
    expect(transfers).toMatchObject([
      { direction: 'send', items: [{ name: 'note.txt' }], state: { kind: 'done' } },
    ]);
    expect(transfers.every(({ state }) => isOver(state))).toBe(true);
    await again.clearHistory();
    expect(again.snapshot().transfers).toEqual([]);
  });
});
