import { describe, expect, it } from 'vitest';
import { chart } from '../../bench/chart.ts';
import type { Results, Row } from '../../bench/results.ts';
import { resultsText } from '../../bench/table.ts';

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });
const side = { cpuSecondsPerGiB: 1.5, peakMiB: 120, overIdleMiB: 40 };

function row(lane: Row['lane'], speed: number): Row {
  return {
    lane,
    runs: 3,
    mibPerSecond: spread(speed),
    filesPerSecond: spread(speed * 10),
    seconds: spread(1000 / speed),
    firstByteMs: 300,
    sender: side,
    receiver: { ...side, overIdleMiB: null },
    loopDelayP99Ms: lane === 'terminal' ? 4.2 : null,
    framesPerSecond: null,
    framesAtRest: null,
  };
}

const results: Results = {
  machine: {
    processor: 'A <processor> & more',
    cores: 2,
    memoryGiB: 8,
    system: 'Some "system"',
    loadBefore: 0.1,
    loadAfter: 2,
    date: '2026-11-24T06:00:00.000Z',
  },
  versions: { terminal: 'sealane 1', scp: 'scp 9' },
  missing: ['rsync'],
  isFullSize: true,
  works: [
    { key: 'file', title: 'one file', files: 1, bytes: 1000, rows: [row('scp', 250), row('terminal', 500)] },
    { key: 'small', title: 'small files', files: 20, bytes: 1000, rows: [row('terminal', 50)] },
  ],
};

describe('the chart', () => {
  const svg = chart(results);

  it('draws a bar and a figure for each row, the fastest first, files where they are small', () => {
    expect(svg.match(/class="spread"/g)).toHaveLength(3);
    expect(svg.indexOf('>500<')).toBeLessThan(svg.indexOf('>250<'));
    expect(svg).toContain('files per second');
    expect(svg).not.toContain('NaN');
  });

  it('has colours for light and dark, and nothing in it is taken for markup', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('A &lt;processor&gt; &amp; more');
    expect(svg).toContain('Some &quot;system&quot;');
  });
});

it('the table names the machine, what is missing, and how many times as fast we are', () => {
  const text = resultsText(results);
  expect(text).toContain('2 cores');
  expect(text).toContain('not installed: rsync');
  expect(text).toMatch(/Sealane, terminal to terminal +2\.00/);
  expect(text).toContain('4.2 ms');
});
