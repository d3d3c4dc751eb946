import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../../../shared/views.ts';
import { IdleNotes, MAX_STEP_MS } from '../../../../src-main/engine/store/idle-notes.ts';
import { temporaryFolder } from './support.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const id = transferIdSchema.parse('1'.repeat(32));

async function noted() {
  const profile = await temporaryFolder();
  const folder = join(profile, 'transfers', id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'job.json'), '{"a":1}');
  await writeFile(join(folder, 'journal'), 'half');
  // As another process would, each time.
  const look = async (now: number) =>
    (await new IdleNotes(profile, join(profile, 'transfers')).look([id], now)).get(id);
  return { folder, profile, look };
}

describe('for how long nothing has happened to a transfer', () => {
  it('is counted from look to look, in whichever process', async () => {
    const { look } = await noted();
    expect(await look(1_000 * DAY)).toBe(0);
    expect(await look(1_000 * DAY + HOUR)).toBe(HOUR);
    expect(await look(1_000 * DAY + 3 * HOUR)).toBe(3 * HOUR);
  });

  it('grows by a day at most however far the clock jumps, and by nothing where it jumps back', async () => {
    const { look } = await noted();
    await look(1_000 * DAY);
    expect(await look(1_400 * DAY)).toBe(MAX_STEP_MS);
    expect(await look(1_000 * DAY)).toBe(MAX_STEP_MS);
    expect(await look(1_000 * DAY + HOUR)).toBe(MAX_STEP_MS + HOUR);
  });

  it.each<readonly [string, (folder: string) => Promise<void>, number]>([
    ['anything is written', (folder) => writeFile(join(folder, 'journal'), 'more of it'), 0],
    ['the job is another one', (folder) => writeFile(join(folder, 'job.json'), '{"a":2}'), 0],
    ['the same job is written anew', (folder) => writeFile(join(folder, 'job.json'), '{"a":1}'), 2 * HOUR],
    ['the journal is touched', (folder) => utimes(join(folder, 'journal'), 5, 5), 0],
  ])('begins anew, or goes on, when %s', async (_what, change, idle) => {
    const { folder, look } = await noted();
    await look(1_000 * DAY);
    await look(1_000 * DAY + HOUR);
    await change(folder);
    expect(await look(1_000 * DAY + 2 * HOUR)).toBe(idle);
  });

  it('is counted anew where the note is damaged, or cannot be written', async () => {
    const { profile, look } = await noted();
    await look(1_000 * DAY);
    await writeFile(join(profile, 'idle.json'), '{"version":1,"looked":"');
    expect(await look(1_001 * DAY)).toBe(0);
    expect(await look(1_002 * DAY)).toBe(DAY);
  });
});
