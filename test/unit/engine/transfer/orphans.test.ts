import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { transferViewSchema } from '../../../../shared/views.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { settleOrphans } from '../../../../src-main/engine/transfer/orphans.ts';
import vectors from '../../../vectors/device-id.json' with { type: 'json' };
import { newFolder } from '../content/support.ts';

const waiting = (digit: string) =>
  transferViewSchema.parse({
    id: digit.repeat(32),
    direction: 'send',
    device: { id: vectors.writing[2]?.id, name: 'Laptop' },
    items: ['film.mov'],
    itemCount: 1,
    totalBytes: 10,
    totalFiles: 1,
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
});
