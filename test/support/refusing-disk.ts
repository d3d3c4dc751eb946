import { basename } from 'node:path';
import { nodeDisk } from '../../src-main/engine/files/disk.ts';
import type { Disk } from '../../src-main/engine/files/disk.ts';

/** The real disk, on which nothing can be made under a name that matches, as where the file system has no such names. */
export function refusingNames(refused: RegExp, errno = 'EINVAL'): Disk {
  const check = (path: string): void => {
    if (refused.test(basename(path))) throw Object.assign(new Error(errno), { code: errno });
  };
  return {
    ...nodeDisk,
    create(path, mode) {
      check(path);
      return nodeDisk.create(path, mode);
    },
    makeFolder(path) {
      check(path);
      nodeDisk.makeFolder(path);
    },
    holdsName: (folder, name) => !refused.test(name) && nodeDisk.holdsName(folder, name),
  };
}
