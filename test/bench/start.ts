import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Window } from './lanes/sealane-window.ts';
import { spreadOf } from './results.ts';

/** `npm run bench -- --start`: from the start of the app's process to a page that is drawn. */

/** Starts the app with a new profile, and then as often as asked with that one. Gives two lines. */
export async function measureStart(rounds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sealane-bench-'));
  const times: number[] = [];
  try {
    for (let start = 0; start <= rounds; start += 1) {
      const window = await Window.open(folder, 'Start');
      times.push(window.usableAfterMs);
      await window.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const [first = NaN, ...later] = times;
  const { median, min, max } = spreadOf(later);
  return [
    'From the start of the app to a page that is drawn:',
    `with a new profile ${first.toFixed(0)} ms; with an old one ${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)})`,
    '',
  ].join('\n');
}
