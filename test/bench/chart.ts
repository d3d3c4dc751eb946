import { LANE_NAMES } from './lanes/lane.ts';
import type { LaneKey } from './lanes/lane.ts';
import type { Results, Row, WorkResult } from './results.ts';

/**
 * The figures as bars, in SVG. It is shown as a picture, where no style of the page reaches it: so it brings its own colours, one set
 * for light and one for dark, and its text is the reader's own sans-serif.
 */

const WIDTH = 760;
const MARGIN = 24;
const LABEL_WIDTH = 250;
const FIGURE_WIDTH = 150;
const BAR_HEIGHT = 16;
const ROW_HEIGHT = 26;
const TITLE_HEIGHT = 46;
const BARS_WIDTH = WIDTH - 2 * MARGIN - LABEL_WIDTH - FIGURE_WIDTH;

const STYLE = `
  text { font: 14px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 16px; }
  .figure { font-variant-numeric: tabular-nums; }
  .note { font-size: 12px; fill: #59636e; }
  .ours { fill: #0b6bcb; }
  .limit { fill: #c4cad1; }
  .peer { fill: #8c959f; }
  .spread { stroke: #1f2328; stroke-width: 1.5; fill: none; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .ours { fill: #4493f8; }
    .limit { fill: #4a525c; }
    .peer { fill: #79828d; }
    .spread { stroke: #e6edf3; }
    .ground { fill: #0d1117; }
  }`;

/** A whole SVG document. */
export function chart(results: Results): string {
  let y = MARGIN;
  const parts: string[] = [];
  for (const work of results.works) {
    parts.push(panel(work, y));
    y += TITLE_HEIGHT + work.rows.length * ROW_HEIGHT + 14;
  }
  const { processor, cores, system, loadBefore, date } = results.machine;
  const notes = [
    `Process to process on one machine, memory to memory, medians; the line spans all runs. ${date.slice(0, 10)}.`,
    `${processor}, ${String(cores)} cores; ${system}; load before ${loadBefore.toFixed(1)}.`,
  ];
  for (const note of notes) {
    parts.push(text(MARGIN, y + 4, 'note', note));
    y += 18;
  }
  const height = y + MARGIN - 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" role="img" aria-labelledby="title">`,
    `<title id="title">${escape(summary(results))}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${String(WIDTH)}" height="${String(height)}" rx="8"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** For those who do not see the picture. */
function summary({ works }: Results): string {
  const sentences = works.map((work) => {
    const rows = work.rows.map((row) => `${LANE_NAMES[row.lane]} ${figure(work, row)}`);
    return `${work.title}: ${rows.join(', ')}`;
  });
  return sentences.join('. ');
}

function panel(work: WorkResult, top: number): string {
  const unit = isManyFiles(work) ? 'files per second' : 'MiB per second';
  const rows = [...work.rows].sort((a, b) => valueOf(work, b).median - valueOf(work, a).median);
  const largest = Math.max(...rows.map((row) => valueOf(work, row).max));
  const scale = (value: number): number => round((value / largest) * BARS_WIDTH);
  const parts = [text(MARGIN, top + 22, 'title', `${capital(work.title)}, ${unit}`)];
  rows.forEach((row, index) => {
    const y = top + TITLE_HEIGHT + index * ROW_HEIGHT;
    const middle = y + BAR_HEIGHT / 2;
    const { median, min, max } = valueOf(work, row);
    const left = MARGIN + LABEL_WIDTH;
    parts.push(
      text(MARGIN, middle + 5, '', LANE_NAMES[row.lane]),
      `<rect class="${kindOf(row.lane)}" x="${String(left)}" y="${String(y)}" width="${String(Math.max(1, scale(median)))}" height="${String(BAR_HEIGHT)}" rx="2"/>`,
      `<path class="spread" d="M${String(left + scale(min))} ${String(middle)}H${String(left + scale(max))}"/>`,
      text(left + scale(max) + 8, middle + 5, 'figure', figure(work, row)),
    );
  });
  return parts.join('\n');
}

/** Where files are small, their number is what counts. */
function isManyFiles(work: WorkResult): boolean {
  return work.key === 'small';
}

function valueOf(work: WorkResult, row: Row) {
  return isManyFiles(work) ? row.filesPerSecond : row.mibPerSecond;
}

function figure(work: WorkResult, row: Row): string {
  return Math.round(valueOf(work, row).median).toLocaleString('en');
}

function kindOf(lane: LaneKey): 'ours' | 'limit' | 'peer' {
  if (lane === 'terminal' || lane === 'window') return 'ours';
  return lane === 'tls' ? 'limit' : 'peer';
}

function text(x: number, y: number, style: string, content: string): string {
  return `<text x="${String(round(x))}" y="${String(round(y))}"${style === '' ? '' : ` class="${style}"`}>${escape(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function capital(title: string): string {
  return title.slice(0, 1).toUpperCase() + title.slice(1);
}

function escape(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
