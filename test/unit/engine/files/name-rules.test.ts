import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { FolderMark } from '../../../../src-main/engine/files/folder-mark.ts';
import { markFolder } from '../../../../src-main/engine/files/folder-mark.ts';
import { nameRules } from '../../../../src-main/engine/files/name-rules.ts';
import { POSIX_RULES, WINDOWS_RULES } from '../../../../src-main/engine/files/names.ts';
import { sweepIntended } from '../../../../src-main/engine/files/staging-folder.ts';
import { refusingNames } from '../../../support/refusing-disk.ts';
import { STAGING_NAME, newFolder } from './world.ts';

function staging(): FolderMark {
  const folder = join(newFolder(), STAGING_NAME);
  mkdirSync(join(folder, 'again'), { recursive: true });
  return markFolder(folder);
}

describe('the rules of names in a destination', () => {
  it.runIf(process.platform === 'linux')('are none where the file system holds every name', () => {
    const folder = staging();
    expect(nameRules(folder, nodeDisk)).toEqual(POSIX_RULES);
    expect(readdirSync(join(folder.path, 'again'))).toEqual([]);
  });

  it.each<readonly [string, RegExp, object]>([
    ['exFAT on Linux', /[<>:"|?*\\]|\.$/, { forbidden: '<>:"|?*\\', dropped: '.', devices: false }],
    ['a share that has no colon', /:/, { forbidden: ':', dropped: '', devices: false }],
    ['FAT on Linux', /[<>:"|?*\\]|[. ]$|^aux/, WINDOWS_RULES],
  ])('are those of the file system: %s', (_what, refused, rules) => {
    expect(nameRules(staging(), refusingNames(refused))).toEqual(rules);
  });

  it('are those of Windows on Windows, where nothing is tried', () => {
    const disk = { holdsName: () => expect.unreachable('was tried') };
    expect(nameRules(staging(), disk, 'win32')).toEqual(WINDOWS_RULES);
  });

  it('are not told by a disk that is full', () => {
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const disk = {
      holdsName: () => {
        throw full;
      },
    };
    expect(() => nameRules(staging(), disk)).toThrow(full);
  });

  it('leave nothing behind of a process that was killed while it tried', () => {
    const destination = markFolder(newFolder());
    const folder = join(destination.path, STAGING_NAME);
    mkdirSync(join(folder, 'tree'), { recursive: true });
    mkdirSync(join(folder, 'again', 'aux.c'), { recursive: true });
    const token = '0'.repeat(32);
    sweepIntended({ into: destination.path, destination, made: [], name: STAGING_NAME, token });
    expect(readdirSync(destination.path)).toEqual([]);
  });
});
