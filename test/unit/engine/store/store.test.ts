import { chmod, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import type { Store } from '../../../../src-main/engine/store/contract.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';
import {
  device,
  deviceId,
  invite,
  inviteId,
  openedStore,
  putDevice,
  rejectionCode,
  runFixture,
} from './support.ts';
import { running, temporaryFolder, transfer, transferId } from './support.ts';

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

function open(profile: string): Promise<Store> {
  return openStore({ profile, defaultName: 'laptop', now: Date.now });
}

/** Resolves when its listener is called. */
function called(onChange: (listener: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => onChange(resolve));
}

describe('the folder of a profile', () => {
  it('is made, with everything in it, for its owner only', async () => {
    const profile = join(await temporaryFolder(), 'new', 'profile');
    const store = await openedStore(profile);
    await putDevice(store.devices, device('a'));
    const claim = await store.claimTransfer(transferId(1));
    expect(await mode(profile)).toBe(0o700);
    const names = await readdir(profile);
    expect(names).toContain('devices.copy.json');
    for (const name of names)
      expect([name, await mode(join(profile, name))]).toEqual([name, name === 'transfers' ? 0o700 : 0o600]);
    await claim?.release();
  });

  it('is closed to others when it was open to them', async () => {
    const profile = await temporaryFolder();
    await chmod(profile, 0o755);
    await openedStore(profile);
    expect(await mode(profile)).toBe(0o700);
  });

  it('is refused, without naming it, when it cannot be one', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    const error: unknown = await open(join(folder, 'file', 'profile')).catch((reason: unknown) => reason);
    if (!(error instanceof SealaneError)) throw error;
    expect(error).toMatchObject({ code: 'profile-unusable', detail: 'ENOTDIR' });
    expect(error.cause).toBeUndefined();
    expect(`${error.message} ${String(error.stack)}`).not.toContain(folder);
  });

  it('has a folder for each transfer, which goes with all that is in it', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile);
    const claim = await store.claimTransfer(transferId(1));
    const folder = store.transferFolder(transferId(1));
    expect(claim?.folder).toBe(folder);
    expect(await mode(folder)).toBe(0o700);
    await mkdir(join(folder, 'deep'));
    await writeFile(join(folder, 'deep', 'manifest'), 'x');
    const other = await store.claimTransfer(transferId(2));
    await other?.write('job.json', '{}');
    await claim?.discard();
    await other?.release();
    expect(await store.transferIds()).toEqual([transferId(2)]);
    expect((await readdir(join(profile, 'transfers'))).sort()).toEqual([
      transferId(2),
      `${transferId(2)}.lock`,
    ]);
  });
});

describe('a store', () => {
  it('keeps trust whichever single file is damaged', async () => {
    const profile = await temporaryFolder();
    const store = await open(profile);
    await putDevice(store.devices, device('a'));
    await store.close();
    const files = await readdir(profile);
    for (const file of files) {
      await writeFile(join(profile, file), 'damaged');
      const again = await open(profile);
      expect([file, again.devices.list(), again.losses]).toEqual([file, [device('a')], []]);
      await again.close();
    }
  });

  it('says what was lost, and keeps the rest', async () => {
    const profile = await temporaryFolder();
    const store = await open(profile);
    await putDevice(store.devices, device('a'));
    await store.settings.change({ name: 'desk' });
    await store.close();
    for (const name of ['history', 'settings']) {
      await writeFile(join(profile, `${name}.json`), 'damaged');
      await writeFile(join(profile, `${name}.copy.json`), 'damaged');
    }
    const again = await openedStore(profile);
    expect(again.losses).toEqual(['settings', 'history']);
    expect([again.devices.list(), again.settings.get().name]).toEqual([[device('a')], 'laptop']);
    expect((await openedStore(profile)).losses).toEqual([]);
  });

  it('tells what another process changed, and nothing else', async () => {
    const profile = await temporaryFolder();
    const store = await openedStore(profile, () => 0);
    await store.invites.put(invite(1));
    let others = 0;
    for (const other of [store.devices, store.settings, store.history]) other.onChange(() => (others += 1));
    const told = called((listener) => store.invites.onChange(listener));
    await runFixture('claim', profile, inviteId(1));
    await told;
    expect([store.invites.get(inviteId(1))?.state, others]).toEqual(['used', 0]);
  });

  it('tells what another store in the same process changed', async () => {
    const profile = await temporaryFolder();
    const [one, other] = [await openedStore(profile), await openedStore(profile)];
    const told = called((listener) => other.devices.onChange(listener));
    await putDevice(one.devices, device('a'));
    await told;
    expect(other.devices.get(deviceId('a'))).toEqual(device('a'));
  });

  it('rejects, and stays as it was but for what was forgotten, when the folder went away', async () => {
    const parent = await temporaryFolder();
    const store = await open(join(parent, 'profile'));
    await putDevice(store.devices, device('a'));
    await rename(join(parent, 'profile'), join(parent, 'elsewhere'));
    expect(await rejectionCode(store.devices.change(deviceId('a'), { name: 'desk' }))).toBe(
      'profile-unusable',
    );
    expect(store.devices.list()).toEqual([device('a')]);
    expect(await rejectionCode(store.devices.remove(deviceId('a')))).toBe('profile-unusable');
    expect(store.devices.list()).toEqual([]);
    await store.history.put(transfer(1, running(0)));
    expect(await rejectionCode(store.close())).toBe('profile-unusable');
  });
});
