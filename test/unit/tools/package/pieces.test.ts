import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { targetsOf } from '../../../tools/package/build.ts';
import { checksumList } from '../../../tools/package/checksums.ts';
import { packageFolder } from '../../../tools/package/shipped-plugin.ts';
import { ownFolders, specOf } from '../../../tools/package/rpm.mjs';

describe('the package of a module', () => {
  it.each([
    ['/x/node_modules/zod/v4/index.js', 'node_modules/zod'],
    ['/x/node_modules/@noble/hashes/a.js?url', 'node_modules/@noble/hashes'],
    ['/x/node_modules/a/node_modules/@b/c/d.js', 'node_modules/a/node_modules/@b/c'],
    ['\0/x/node_modules/react/index.js?commonjs', 'node_modules/react'],
    ['C:\\x\\node_modules\\zod\\index.js', 'node_modules/zod'],
    ['node_modules/@fontsource-variable/f/f.woff2', 'node_modules/@fontsource-variable/f'],
    ['/x/src-main/entry.ts', undefined],
    ['\0vite/preload-helper', undefined],
  ])('%j is %s', (id, folder) => {
    expect(packageFolder(id)).toBe(folder);
  });
});

describe('checksums', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealane-sums-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('are those of FIPS 180, by name', async () => {
    await writeFile(join(folder, 'b'), 'abc');
    await writeFile(join(folder, 'a'), '');
    expect(await checksumList([join(folder, 'b'), join(folder, 'a')])).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n' +
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n',
    );
  });
});

it('every system has its installers, and the development runtime those that need no download', () => {
  expect(targetsOf('linux', false)).toEqual(['AppImage', 'tar.gz', 'deb', 'rpm']);
  expect(targetsOf('linux', true)).toEqual(['tar.gz', 'deb', 'rpm']);
  expect(targetsOf('win32', false)).toEqual(['nsis', 'portable']);
  expect(targetsOf('darwin', false)).toEqual(['dmg', 'zip']);
});

it('a spec file has what was asked for', () => {
  const spec = specOf(
    {
      format: 'rpm',
      name: 'n',
      version: '1',
      architecture: 'amd64',
      maintainer: 'm',
      vendor: 'v',
      url: 'u',
      license: 'MIT',
      category: 'net',
      priority: 'optional',
      description: 'd',
      summary: 's',
      depends: ['gtk3', '(libuuid or libuuid1)'],
      recommends: [],
      compression: 'xz',
      afterInstall: '',
      afterRemove: '',
      output: '',
    },
    ['/usr/share/doc/n'],
    ['/opt/A', '/usr/bin/a b'],
    { post: 'true', postun: 'false' },
  );
  expect(spec).toContain('Requires: gtk3\nRequires: (libuuid or libuuid1)\n');
  expect(spec).toContain('%dir "/usr/share/doc/n"\n"/opt/A"\n"/usr/bin/a b"\n');
  expect(spec).toContain('%post\ntrue\n%postun\nfalse\n');
});

it('a package answers for the folders that nobody else has', () => {
  expect(ownFolders(['usr/bin/n', 'usr/share/doc/n/copyright', 'usr/share/kio/menus/n'])).toEqual([
    'usr/share/doc/n',
    'usr/share/kio',
    'usr/share/kio/menus',
  ]);
});
