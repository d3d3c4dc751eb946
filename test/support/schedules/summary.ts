import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TALLY_FILE } from './tally.ts';

/** Vitest runs this once, around all files: in the end it says how many schedules they have tried together, if they have any. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sealane-tally-'));
  const file = join(folder, 'tally');
  process.env[TALLY_FILE] = file;
  return async () => {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    await rm(folder, { recursive: true, force: true });
    if (lines.length === 0) return;
    const sum = (place: number) =>
      String(lines.reduce((total, line) => total + Number(line.split(' ')[place]), 0));
    process.stdout.write(
      `\nschedules: ${sum(0)} interleavings tried in ${String(lines.length)} pairs, ${sum(1)} failed\n`,
    );
  };
}
