import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../tools/paths.mjs';

/**
 * What electron-builder.yml promises for systems that no test here can build on. What can be built is opened and installed by
 * test/package/.
 */
const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8').replace(/^\s*#.*\n/gm, '');

/** The lines below a key at the very left, without their first two blanks. */
function section(key: string): string {
  const [, found] = new RegExp(`^${key}:\\n((?: {2}.*\\n|\\n)+)`, 'm').exec(text) ?? [];
  if (found === undefined) throw new Error(`there is no ${key}`);
  return found.replace(/^ {2}/gm, '');
}

/** The items of the list below a key of a section. */
function list(key: string, within: string): readonly string[] {
  const [, found = ''] = new RegExp(`^${key}:\\n((?: .*\\n)+)`, 'm').exec(section(within)) ?? [];
  return [...found.matchAll(/^ {2}- (?:target: )?(.+)$/gm)].map(([, item]) => item ?? '');
}

describe('electron-builder.yml', () => {
  it('has the installers of all three systems', () => {
    expect(list('target', 'linux')).toEqual(['AppImage', 'tar.gz', 'deb', 'rpm']);
    expect(list('target', 'win')).toEqual(['nsis', 'portable']);
    expect(list('target', 'mac')).toEqual(['dmg', 'zip']);
    expect(section('mac').match(/^ {4}arch: universal$/gm)).toHaveLength(2);
  });

  it('installs on Windows for one user, without an administrator, and leaves the user’s things when it goes', () => {
    for (const line of ['perMachine: false', 'allowElevation: false', 'deleteAppDataOnUninstall: false'])
      expect(section('nsis')).toContain(`${line}\n`);
    expect(section('nsis')).toContain('license: LICENSE\n');
  });

  it('has links, files and folders opened with it', () => {
    expect(section('protocols')).toMatch(/schemes:\n +- sealane\n/);
    expect(section('linux')).toMatch(/^mimeTypes:\n {2}- application\/octet-stream$/m);
    expect(section('mac')).toMatch(/CFBundleDocumentTypes:[^]*- public\.data\n +- public\.folder/);
    expect(readFileSync(join(root, 'src-main/desktop/package/installer.nsh'), 'utf8')).toContain('$SENDTO');
    expect(section('deb')).toContain('/usr/share/Thunar/sendto/');
  });

  it('puts the command on the path, by deb and rpm', () => {
    expect(section('deb')).toMatch(
      /fpm: &beside\n {2}- src-main\/desktop\/package\/sealane=\/usr\/bin\/sealane/,
    );
    expect(section('rpm')).toContain('fpm: *beside');
  });

  it('sets the fuses', () => {
    expect(
      Object.fromEntries([...section('electronFuses').matchAll(/^(\w+): (\w+)$/gm)].map((m) => m.slice(1))),
    ).toEqual({
      runAsNode: 'false',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      enableCookieEncryption: 'true',
      enableEmbeddedAsarIntegrityValidation: 'true',
      onlyLoadAppFromAsar: 'true',
      grantFileProtocolExtraPrivileges: 'false',
      resetAdHocDarwinSignature: 'true',
    });
  });

  it('names files that are there, and icons that were drawn for it', () => {
    const named = [...text.matchAll(/(?:src-main\/[\w./-]+|(?<=[ -])LICENSE)/g)].map(([path]) => path);
    expect(named.length).toBeGreaterThan(12);
    for (const path of [...named, 'src-renderer/assets/icon.svg'])
      expect(existsSync(join(root, path)), path).toBe(true);
  });
});
