import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { transferViewSchema } from '../../../../shared/views.ts';
import type { TransferView } from '../../../../shared/views.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { Farewells } from '../../../../src-main/engine/transfer/farewells.ts';
import { Unfinished } from '../../../../src-main/engine/transfer/unfinished.ts';
import { offeredOf } from '../../../support/offers.ts';
import vectors from '../../../vectors/device-id.json' with { type: 'json' };
import { Stage, file, finish } from '../content/play.ts';
import { newFolder } from '../content/support.ts';
import { lay, systemError } from '../files/world.ts';

/** More than the history lists. */
const FILES = 150;
const names = Array.from({ length: FILES }, (_, n) => `${String(n).padStart(3, '0')}.txt`);

/** All of it is there, some of it under its name, and every name was taken. */
async function cutShort(): Promise<Stage> {
  const stage = new Stage();
  stage.offered = offeredOf({ itemCount: FILES, files: FILES, folders: 0, bytes: FILES * 5 });
  lay(stage.destination, Object.fromEntries(names.map((name) => [name, 'mine'])));
  const refuse = (to: string): void => {
    if (to.endsWith('100 (2).txt')) throw systemError('EIO');
  };
  stage.disk = {
    ...nodeDisk,
    link: (from, to) => {
      refuse(to);
      nodeDisk.link(from, to);
    },
    rename: (from, to) => {
      refuse(to);
      nodeDisk.rename(from, to);
    },
  };
  stage.connect();
  for (const name of names) await stage.play(file(name, 'yours'));
  await stage.play(finish(stage.reception));
  await expect(stage.publish()).rejects.toThrow();
  await stage.cut();
  return stage;
}

const view = transferViewSchema.parse({
  id: '1'.repeat(32),
  direction: 'receive',
  device: { id: vectors.writing[2]?.id, name: 'Laptop' },
  items: [{ name: '000.txt', kind: 'file', hidden: false, program: false }],
  hiddenCount: 0,
  programCount: 0,
  recorded: true,
  itemCount: FILES,
  totalBytes: FILES * 5,
  totalFiles: FILES,
  totalFolders: 0,
  created: 1,
  state: {
    kind: 'waiting',
    error: { code: 'destination-unusable', message: '' },
    retryAt: null,
    progress: { bytes: 5, files: 0, bytesPerSecond: 0, secondsLeft: null },
  },
});

const ways: [string, (unfinished: Unfinished, of: TransferView) => Promise<unknown>][] = [
  ['the user by command', (unfinished, { id }) => unfinished.cancel(id)],
  ['its sender', (unfinished, { id, device }) => unfinished.endByPeer(device.id, id)],
  ['the days that have passed', (unfinished, { id }) => unfinished.expire(id)],
];

it.each(ways)(
  'what was being put under its names when it was given up by %s has all its new names kept',
  async (_who, end) => {
    const stage = await cutShort();
    const store = await openStore({ profile: newFolder(), defaultName: 'Desk', now: Date.now });
    await store.history.put(view);
    const own = store.transferFolder(view.id);
    mkdirSync(join(own, '..'), { recursive: true });
    cpSync(stage.journalFolder, own, { recursive: true });
    const farewells = new Farewells({
      store,
      now: Date.now,
      say: () => Promise.reject(new Error('nobody is there')),
      signal: new AbortController().signal,
    });
    await end(new Unfinished({ store, farewells, onChange: () => undefined }), view);
    expect(store.history.list()).toMatchObject([
      { state: { kind: 'done', outcome: { files: FILES, renamedCount: FILES } } },
    ]);
    const kept = [];
    for await (const page of store.details.pages(view.id)) kept.push(...page);
    expect(kept).toHaveLength(FILES);
    expect(await store.transferIds()).toEqual([]);
    await store.close();
  },
);
