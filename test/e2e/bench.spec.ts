import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { resultsSchema } from '../bench/results.ts';
import type { Results } from '../bench/results.ts';
import { root } from '../tools/paths.mjs';
import { launchSealane } from './sealane.ts';

/** That the benchmark works, in its small size; how fast anything is, is not asked. */

/** Always there; what else is installed is measured too. */
const OURS = ['terminal', 'window', 'tls'] as const;

let bench: ChildProcess | undefined;
// One that hangs ends what it has begun: the windows of later tests do not share the display with its.
test.afterEach(() => bench?.kill('SIGTERM'));

test('the benchmark measures all that is there and draws it', async () => {
  test.setTimeout(600_000);
  const out = await mkdtemp(join(tmpdir(), 'sealane-bench-out-'));
  try {
    const running = spawn(process.execPath, [join(root, 'test/bench/bench.ts'), '--quick', '--out', out]);
    bench = running;
    let said = '';
    for (const stream of [running.stdout, running.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise((resolve) => {
      running.on('close', resolve);
    });
    expect(code, said).toBe(0);
    const results = resultsSchema.parse(JSON.parse(await readFile(join(out, 'bench.json'), 'utf8')));
    checkRows(results);
    expect(said).toContain('small sizes');
    await checkChart(await readFile(join(out, 'bench.svg'), 'utf8'), results);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

function checkRows({ works, versions, missing }: Results): void {
  const measured = Object.keys(versions);
  expect(measured).toEqual(expect.arrayContaining([...OURS]));
  expect([...measured, ...missing]).toHaveLength(7);
  expect(works.map(({ key }) => key)).toEqual(['file', 'small', 'mixed']);
  for (const { key, rows, files, bytes } of works) {
    // A bare socket knows no folders.
    expect(rows.map(({ lane }) => lane)).toEqual(measured.filter((lane) => lane !== 'tls' || key === 'file'));
    expect(Math.min(files, bytes)).toBeGreaterThan(0);
    for (const row of rows) {
      for (const { min, median, max } of [row.mibPerSecond, row.filesPerSecond, row.seconds]) {
        expect(min).toBeGreaterThan(0);
        expect(median).toBeGreaterThanOrEqual(min);
        expect(max).toBeGreaterThanOrEqual(median);
      }
      expect(row.firstByteMs).toBeGreaterThan(0);
      expect(row.sender.peakMiB).toBeGreaterThan(0);
      expect(row.receiver.peakMiB).toBeGreaterThan(0);
      expect(row.sender.cpuSecondsPerGiB).toBeGreaterThanOrEqual(0);
      const isSealane = row.lane === 'terminal' || row.lane === 'window';
      expect(row.loopDelayP99Ms !== null).toBe(isSealane);
    }
  }
}

/** A browser's own parser says whether it is XML, and a page shows it as a picture. */
async function checkChart(svg: string, { works }: Results): Promise<void> {
  const sealane = await launchSealane({ name: 'Chart' });
  try {
    const bars = works.flatMap(({ rows }) => rows).length;
    expect(await look(sealane.page, svg)).toEqual({ error: null, root: 'svg', bars });
  } finally {
    await sealane.remove();
  }
}

async function look(page: Page, svg: string) {
  return await page.evaluate((source) => {
    const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
    return {
      error: parsed.querySelector('parsererror')?.textContent ?? null,
      root: parsed.documentElement.localName,
      bars: parsed.querySelectorAll('path.spread').length,
    };
  }, svg);
}
