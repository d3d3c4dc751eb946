import { describe, expect, it } from 'vitest';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import { openedStore, temporaryFolder } from './support.ts';

describe('the settings of a store', () => {
  it('begin with the given name, which stays whatever name is given later', async () => {
    const profile = await temporaryFolder();
    expect((await openedStore(profile)).settings.get()).toEqual({
      name: 'laptop',
      port: 0,
      downloads: null,
      expireAfterDays: 30,
    });
    const later = await openStore({ profile, defaultName: 'another', now: Date.now });
    expect(later.settings.get().name).toBe('laptop');
    await later.close();
  });

  it('are changed by field and told to listeners', async () => {
    const profile = await temporaryFolder();
    const { settings } = await openedStore(profile);
    let heard = 0;
    settings.onChange(() => (heard += 1));
    expect(await settings.change({ port: 4000 })).toEqual({
      name: 'laptop',
      port: 4000,
      downloads: null,
      expireAfterDays: 30,
    });
    await settings.change({ port: 4000 });
    await settings.change({ name: 'desk', downloads: '/somewhere' });
    expect(heard).toBe(2);
    const expected = { name: 'desk', port: 4000, downloads: '/somewhere', expireAfterDays: 30 };
    expect(settings.get()).toEqual(expected);
    expect((await openedStore(profile)).settings.get()).toEqual(expected);
  });
});
