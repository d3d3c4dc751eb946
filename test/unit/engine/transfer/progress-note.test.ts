import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { transferViewSchema } from '../../../../shared/views.ts';
import { firstState } from '../../../../src-main/engine/transfer/first-state.ts';
import { notedProgress, noteProgress } from '../../../../src-main/engine/transfer/progress-note.ts';
import { newFolder } from '../content/support.ts';
import { offerBody } from '../../../support/offers.ts';

const offer = transferViewSchema.shape.id.parse('00112233445566778899aabbccddeeff');

describe('how far a transfer had come', () => {
  it('is known after a kill, the last word of it', () => {
    const folder = newFolder();
    noteProgress(folder, { bytes: 1, files: 0 });
    noteProgress(folder, { bytes: 2 ** 40, files: 7 });
    expect(notedProgress(folder)).toEqual({ bytes: 2 ** 40, files: 7 });
    const state = firstState(
      { direction: 'receive', paused: false },
      { transfer: offer, ...offerBody(['a'], { files: 8, folders: 0, bytes: 2 ** 41 }) },
      undefined,
      notedProgress(folder),
    );
    expect(state).toMatchObject({
      kind: 'waiting',
      progress: { bytes: 2 ** 40, files: 7, bytesPerSecond: 0 },
    });
  });

  it.each(['', '{', '{"bytes":-1,"files":0}', '{"bytes":1}', '[]'])('is not known from %j', (text) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'progress.json'), text);
    expect(notedProgress(folder)).toBeUndefined();
  });

  it('is no reason to stop when it cannot be noted', () => {
    const folder = newFolder();
    expect(notedProgress(folder)).toBeUndefined();
    mkdirSync(join(folder, 'progress.json'));
    noteProgress(folder, { bytes: 1, files: 1 });
    noteProgress(join(folder, 'gone'), { bytes: 1, files: 1 });
    expect(notedProgress(folder)).toBeUndefined();
  });
});
