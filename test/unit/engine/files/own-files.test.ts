import { linkSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ManifestWriter, readManifest } from '../../../../src-main/engine/files/manifest.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { codeOf, lay, newFolder } from './world.ts';

const PROFILE = {
  'identity.key': 'key',
  'identity.key.copy': 'key',
  'profile.lock': '',
  'devices.json': '[]',
};
const STAGING = '.sealane-0123456789abcdef';

/** Lays files into a folder below `world`. */
function layIn(world: string, folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) lay(world, { [`${folder}/${name}`]: text });
  return join(world, folder);
}

/** One word per entry that a walk lists: `file a/b`, `own-files a/c`. */
function walked(paths: readonly string[], profile?: string): string[] {
  const file = join(newFolder(), 'manifest');
  const manifest = new ManifestWriter(file);
  scan(paths, manifest, { onProgress: () => undefined, isCancelled: () => false, profile });
  manifest.close();
  return [...readManifest(file)].map(
    (entry) => `${entry.kind === 'skipped' ? entry.reason : entry.kind} ${entry.path.join('/')}`,
  );
}

describe('a walk', () => {
  it('leaves out the profile that is open, and goes on behind it', () => {
    const world = newFolder();
    const profile = layIn(world, 'home/.config/sealane', { 'transfers/x/job.json': '{}', ...PROFILE });
    layIn(world, 'home', { 'a.txt': 'a', 'z.txt': 'z' });
    expect(walked([join(world, 'home')], profile)).toEqual([
      'folder home',
      'folder home/.config',
      'own-files home/.config/sealane',
      'file home/a.txt',
      'file home/z.txt',
    ]);
  });

  it('knows it under another name, and through a link', () => {
    const world = newFolder();
    const profile = layIn(world, 'home/settings', { 'devices.json': '[]' });
    symlinkSync('settings', join(world, 'home/link'));
    expect(walked([join(world, 'home')], profile)).toEqual([
      'folder home',
      'own-files home/link',
      'own-files home/settings',
    ]);
  });

  it('leaves out what is chosen in it: the profile itself, a folder of it, and the key', () => {
    const world = newFolder();
    const profile = layIn(world, 'profile', { 'transfers/x/job.json': '{}', ...PROFILE });
    for (const name of ['', 'transfers', 'transfers/x/job.json', 'identity.key'])
      expect(codeOf(() => walked([join(profile, name)], profile))).toBe('nothing-to-send');
  });

  it('leaves out the key by whatever name it has', () => {
    const world = newFolder();
    const profile = layIn(world, 'profile', PROFILE);
    layIn(world, 'home', { 'a.txt': 'a' });
    linkSync(join(profile, 'identity.key'), join(world, 'home/harmless.txt'));
    linkSync(join(profile, 'identity.key.copy'), join(world, 'home/notes.txt'));
    expect(walked([join(world, 'home')], profile)).toEqual([
      'folder home',
      'file home/a.txt',
      'own-files home/harmless.txt',
      'own-files home/notes.txt',
    ]);
  });

  it('leaves out the profile of another device, such as that of the desktop app', () => {
    const world = newFolder();
    const profile = layIn(world, 'home/.config/sealane', PROFILE);
    const other = layIn(world, 'home/.config/Sealane/profile', PROFILE);
    expect(walked([join(world, 'home')], profile)).toEqual([
      'folder home',
      'folder home/.config',
      'folder home/.config/Sealane',
      'own-files home/.config/Sealane/profile',
      'own-files home/.config/sealane',
    ]);
    expect(codeOf(() => walked([join(other, 'identity.key')], profile))).toBe('nothing-to-send');
  });

  it('leaves out what is being received, also where it was moved aside or is chosen itself', () => {
    const world = newFolder();
    layIn(world, `inbox/${STAGING}`, { id: 'token', 'film/half.mov': 'half' });
    layIn(world, `inbox/${STAGING}-2`, { id: 'token' });
    layIn(world, 'inbox', { 'a.txt': 'a' });
    symlinkSync(`${STAGING}/film`, join(world, 'inbox/film'));
    expect(walked([join(world, 'inbox')])).toEqual([
      'folder inbox',
      `own-files inbox/${STAGING}`,
      `own-files inbox/${STAGING}-2`,
      'file inbox/a.txt',
      'own-files inbox/film',
    ]);
    for (const name of ['', 'id', 'film', 'film/half.mov'])
      expect(codeOf(() => walked([join(world, 'inbox', STAGING, name)]))).toBe('nothing-to-send');
  });

  it('sends what only looks like it', () => {
    const world = newFolder();
    layIn(world, `home/${STAGING}`, { 'a.txt': 'no id here' });
    layIn(world, 'home/ssh', { 'identity.key': 'of something else' });
    mkdirSync(join(world, 'home/x'));
    renameSync(join(world, 'home/x'), join(world, 'home/.sealane-notes'));
    expect(walked([join(world, 'home')])).toEqual([
      'folder home',
      `folder home/${STAGING}`,
      `file home/${STAGING}/a.txt`,
      'folder home/.sealane-notes',
      'folder home/ssh',
      'file home/ssh/identity.key',
    ]);
  });
});
