import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkReadable } from '../../../../src-main/engine/files/source.ts';
import type { Source } from '../../../../src-main/engine/files/source.ts';

/** Something that is not there, so that whoever asks the system about it is told so. */
function found(uid: number, mode: number): Source {
  const stats = Object.assign(lstatSync(tmpdir(), { bigint: true }), {
    uid: BigInt(uid),
    mode: BigInt(mode),
  });
  return { source: join(tmpdir(), 'nothing is called this', 'nor this'), stats };
}

describe('whether something can be read', () => {
  const me = process.geteuid?.() ?? 0;

  it('is known of one’s own from its permissions, where there are owners', () => {
    const check = expect(() => {
      checkReadable(found(me, 0o100400));
    });
    if (process.geteuid === undefined) check.toThrow('ENOENT');
    else check.not.toThrow();
  });

  it.each([
    ['of one’s own that its owner may not read', me, 0o100044],
    ['of somebody else’s', me + 1, 0o100777],
  ])('is asked of the system %s', (_what, uid, mode) => {
    expect(() => {
      checkReadable(found(uid, mode));
    }).toThrow('ENOENT');
  });
});
