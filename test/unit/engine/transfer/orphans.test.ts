import { cpSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { transferViewSchema } from '../../../../shared/views.ts';
import type { TransferView } from '../../../../shared/views.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { listJobs, loadJob } from '../../../../src-main/engine/transfer/jobs.ts';
import { settleOrphans } from '../../../../src-main/engine/transfer/orphans.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import vectors from '../../../vectors/device-id.json' with { type: 'json' };
import { begun } from '../content/begun.ts';
import { Stage, file, finish } from '../content/play.ts';
import { newFolder } from '../content/support.ts';
import { picture, systemError } from '../files/world.ts';
import { codeOf } from '../support.ts';

const waiting = (digit: string) =>
  transferViewSchema.parse({
    id: digit.repeat(32),
    direction: 'send',
    device: { id: vectors.writing[2]?.id, name: 'Laptop' },
    items: [{ name: 'film.mov', kind: 'file' as const, hidden: false, program: false }],
    hiddenCount: 0,
    programCount: 0,
    recorded: true,
    itemCount: 1,
    totalBytes: 10,
    totalFiles: 1,
    totalFolders: 0,
    created: 1,
    state: {
      kind: 'waiting',
      error: { code: 'connection-lost', message: '' },
      retryAt: null,
      progress: { bytes: 5, files: 0, bytesPerSecond: 0, secondsLeft: null },
    },
  });

describe('transfers whose record is gone', () => {
  it('are ended one by one, and one that the disk does not allow keeps nobody from starting', async () => {
    const folder = newFolder();
    const store = await openStore({ profile: folder, defaultName: 'Desk', now: Date.now });
    const [first, second] = [waiting('1'), waiting('2')];
    for (const view of [first, second]) {
      await store.history.put(view);
      const own = join(folder, 'transfers', view.id);
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, 'manifest'), '');
    }
    const { history } = store;
    const full = {
      list: () => history.list(),
      find: (of: Parameters<typeof history.find>[0]) => history.find(of),
      refresh: () => history.refresh(),
      flush: () => history.flush(),
      remove: (ids: Parameters<typeof history.remove>[0]) => history.remove(ids),
      onChange: (listener: () => void) => history.onChange(listener),
      put: (view: typeof first) =>
        view.id === first.id ? Promise.reject(new SealaneError('profile-unusable')) : history.put(view),
    };
    await settleOrphans({ ...store, history: full });
    expect(history.list().map(({ id, state }) => [id, state.kind])).toEqual([
      [first.id, 'waiting'],
      [second.id, 'failed'],
    ]);
    expect(await store.transferIds()).toEqual([first.id]);
    await store.close();
  });

  /** A transfer that was cut short while it was being put under its name, with only its journal left, and how the history has it. */
  async function cutWhilePublishing(state: TransferView['state']) {
    const folder = newFolder();
    const store = await openStore({ profile: folder, defaultName: 'Desk', now: Date.now });
    const view = { ...waiting('1'), direction: 'receive' as const, state };
    await store.history.put(view);
    const own = join(folder, 'transfers', view.id);
    mkdirSync(own, { recursive: true });
    const stage = new Stage();
    stage.disk = {
      ...nodeDisk,
      link: (from, to) => {
        if (to.endsWith('b')) throw systemError('EIO');
        nodeDisk.link(from, to);
      },
      rename: () => {
        throw systemError('EIO');
      },
    };
    stage.connect();
    await stage.play(file('a', 'a'), file('b', 'bb'));
    await stage.play(finish(stage.reception));
    await expect(stage.publish()).rejects.toThrow();
    await stage.cut();
    cpSync(stage.journalFolder, own, { recursive: true });
    return { store, stage };
  }

  it('are ended as done where everything had arrived, and was being put under its name', async () => {
    const { store, stage } = await cutWhilePublishing(waiting('1').state);
    await settleOrphans(store);
    expect(store.history.list()).toMatchObject([
      {
        state: { kind: 'done', outcome: { files: 2, bytes: 3, names: ['a', 'b'], into: stage.destination } },
      },
    ]);
    expect(picture(stage.destination)).toEqual({ a: 'a', b: 'bb' });
    expect(await store.transferIds()).toEqual([]);
    await store.close();
  });

  it('stay cancelled where they were while their medium was away, and no more of them is put under its name', async () => {
    const { store, stage } = await cutWhilePublishing({ kind: 'cancelled', by: 'me' });
    await settleOrphans(store);
    expect(store.history.list()).toMatchObject([{ state: { kind: 'cancelled', by: 'me' } }]);
    expect(picture(stage.destination)).toEqual({ a: 'a' });
    expect(await store.transferIds()).toEqual([]);
    await store.close();
  });
});

describe('a transfer whose record cannot be read now', () => {
  const ways: [string, (path: string) => void][] = [
    ['a folder is in its place', mkdirSync],
    [
      'it is a link to itself',
      (path) => {
        symlinkSync('job.json', path);
      },
    ],
  ];
  it.each(ways)(
    'because %s is none that is gone: it stays, with what its journal names',
    async (_what, put) => {
      const folder = newFolder();
      const store = await openStore({ profile: folder, defaultName: 'Desk', now: Date.now });
      const view = waiting('3');
      await store.history.put(view);
      const stage = await begun();
      mkdirSync(join(folder, 'transfers'), { recursive: true });
      const own = store.transferFolder(view.id);
      renameSync(stage.journalFolder, own);
      put(join(own, 'job.json'));
      const names = readdirSync(own);
      await settleOrphans(store);
      expect(store.history.list().map(({ state }) => state.kind)).toEqual(['waiting']);
      expect(readdirSync(own)).toEqual(names);
      expect(stage.hasStaging).toBe(true);
      expect(await listJobs(store)).toEqual([]);
      const claim = (await store.claimTransfer(view.id)) ?? expect.fail('claimed');
      expect(await codeOf(() => loadJob(store, claim))).toBe('profile-unusable');
      await claim.release();
      await store.close();
    },
  );
});
