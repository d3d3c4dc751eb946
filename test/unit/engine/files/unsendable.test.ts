import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ScanSummary } from '../../../../src-main/engine/content/contract.ts';
import { ManifestWriter } from '../../../../src-main/engine/files/manifest.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { codeOf, lay, newFolder } from './world.ts';

function run(paths: readonly string[]): ScanSummary {
  const manifest = new ManifestWriter(join(newFolder(), 'manifest'));
  try {
    return scan(paths, manifest, { onProgress: () => undefined, isCancelled: () => false });
  } finally {
    manifest.abort();
  }
}

describe('a walk of what cannot be sent', () => {
  it('leaves out a path that leads nowhere, by its name, and sends the others', () => {
    const world = newFolder();
    lay(world, { file: '' });
    symlinkSync('nowhere', join(world, 'broken'));
    for (const missing of ['missing', 'broken', 'file/below']) {
      const name = basename(missing);
      expect(run([join(world, missing), join(world, 'file')])).toMatchObject({
        itemCount: 1,
        items: [{ name: 'file' }],
        skipped: [{ path: name, reason: 'vanished' }],
        skippedCount: 1,
      });
      expect(codeOf(() => run([join(world, missing)]))).toBe('source-missing');
    }
  });

  it('says of each thing why nothing of all can be sent', () => {
    const world = newFolder();
    symlinkSync('/dev/zero', join(world, 'endless'));
    expect(spawnSync('mkfifo', [join(world, 'pipe')]).status).toBe(0);
    const names = ['endless', 'pipe', 'gone'];
    expect(() => run(names.map((name) => join(world, name)))).toThrow(
      expect.objectContaining({
        code: 'nothing-to-send',
        leftOut: {
          skipped: [
            { path: 'endless', reason: 'special-file' },
            { path: 'pipe', reason: 'special-file' },
            { path: 'gone', reason: 'vanished' },
          ],
          skippedCount: 3,
        },
      }),
    );
  });
});
