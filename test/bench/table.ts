import { LANE_KEYS, LANE_NAMES } from './lanes/lane.ts';
import { ratio } from './results.ts';
import type { Results, Row, WorkResult } from './results.ts';

/** The figures as text for a terminal. */

const SHORT: Readonly<Record<Row['lane'], string>> = {
  terminal: 'terminal',
  window: 'Electron',
  tls: 'bare TLS',
  scp: 'scp',
  rsync: 'rsync',
  'magic-wormhole': 'magic-w.',
  'wormhole-william': 'w.-william',
};

/** All of it. */
export function resultsText({ machine, versions, missing, isFullSize, works }: Results): string {
  const { processor, cores, memoryGiB, system, loadBefore, loadAfter, date } = machine;
  const lines = [
    `${processor}, ${String(cores)} cores, ${number(memoryGiB)} GiB; ${system}; ${date}`,
    `load before ${loadBefore.toFixed(1)}, after ${loadAfter.toFixed(1)} (what else ran; figures compare within one run only)`,
    ...Object.values(versions).map((version) => `  ${version}`),
  ];
  if (missing.length > 0)
    lines.push(`not installed: ${missing.join(', ')} (npm run bench -- --install gets what Debian has)`);
  if (!isFullSize) lines.push('small sizes: these figures show that the benchmark works, and nothing else');
  return [...lines, ...works.map(workText), ''].join('\n');
}

function workText(work: WorkResult): string {
  const head = [
    '',
    'MiB/s',
    '(min–max)',
    'files/s',
    'first byte',
    'CPU s/GiB',
    'peak MiB',
    'over idle',
    'loop p99',
    'frames/s',
  ];
  const body = work.rows.map((row) => [
    LANE_NAMES[row.lane],
    number(row.mibPerSecond.median),
    `(${number(row.mibPerSecond.min)}–${number(row.mibPerSecond.max)})`,
    number(row.filesPerSecond.median),
    row.firstByteMs === null ? '–' : `${number(row.firstByteMs)} ms`,
    both(row, ({ cpuSecondsPerGiB }) => number(cpuSecondsPerGiB)),
    both(row, ({ peakMiB }) => number(peakMiB)),
    both(row, ({ overIdleMiB }) => (overIdleMiB === null ? '–' : number(overIdleMiB))),
    row.loopDelayP99Ms === null ? '–' : `${row.loopDelayP99Ms.toFixed(1)} ms`,
    row.framesPerSecond === null
      ? '–'
      : `${number(row.framesPerSecond)} (rest ${number(row.framesAtRest ?? NaN)})`,
  ]);
  return `\n${work.title}  (sender/receiver where there are two figures)\n${table([head, ...body])}\n\n${ratios(work)}`;
}

/** How many times as fast each Sealane is as everything else. */
function ratios(work: WorkResult): string {
  const others = LANE_KEYS.filter((key) => work.rows.some(({ lane }) => lane === key));
  const head = ['times as fast as', ...others.map((key) => SHORT[key])];
  const body = work.rows
    .filter(({ lane }) => lane === 'terminal' || lane === 'window')
    .map((row) => [
      LANE_NAMES[row.lane],
      ...others.map((other) => (other === row.lane ? '' : (ratio(work, row, other)?.toFixed(2) ?? '–'))),
    ]);
  return body.length === 0 ? '' : table([head, ...body]);
}

function both(row: Row, show: (side: Row['sender']) => string): string {
  return `${show(row.sender)}/${show(row.receiver)}`;
}

function number(value: number): string {
  return value >= 99.5 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 9.95 ? 0 : 1);
}

/** Columns as wide as they have to be: the first to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
