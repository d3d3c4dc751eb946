import { displayText } from '../../shared/display.ts';
import {
  formatBytes,
  formatCount,
  formatElapsed,
  formatNumber,
  formatPercent,
  formatSpeed,
} from '../../shared/format.ts';
import { skipReasonText } from '../../shared/words.ts';
import type { SkippedFile } from '../../shared/views.ts';
import { POSIX_RULES, portableName } from '../../src-main/engine/files/names.ts';
import { compareTrees } from '../support/compare.ts';
import type { Comparison } from '../support/compare.ts';
import { DemoError } from './demo-error.ts';
import type { Screen } from './screen.ts';

/** What the sending side said at the end. */
export interface Sent {
  readonly bytes: number;
  readonly files: number;
  readonly seconds: number;
  readonly skipped: readonly SkippedFile[];
  readonly skippedCount: number;
}

/** How many differences and how many things left out are listed. */
const LISTED = 20;

/** Compares both sides and says what came of it. Throws DemoError on any difference. */
export async function judge(screen: Screen, source: string, target: string, sent: Sent): Promise<Comparison> {
  screen.step('Comparing both sides, byte for byte');
  const reasons = new Map(sent.skipped.map(({ path, reason }) => [path, reason]));
  const comparison = await compareTrees(source, target, {
    skipped: new Set(reasons.keys()),
    nameOnDisk,
    onProgress: (bytes) => {
      screen.progress(() => `${formatPercent(bytes, sent.bytes)}, ${formatBytes(bytes)}`);
    },
  });
  screen.clear();
  tellLeftOut(screen, sent);
  const { files, folders, bytes, executables, differences, differenceCount } = comparison;
  // What was left out beyond the part that is listed cannot be told from what went missing; the numbers can.
  const unlisted = sent.skippedCount - sent.skipped.length;
  if (differenceCount > unlisted) {
    for (const { path, what } of differences.slice(0, LISTED)) screen.say(`${displayText(path)} ${what}`);
    throw new DemoError(`The two sides are not the same: ${formatCount(differenceCount, 'difference')}.`);
  }
  if (files !== sent.files || bytes !== sent.bytes) {
    throw new DemoError(
      `Sealane spoke of ${formatCount(sent.files, 'file')} and ${formatNumber(sent.bytes)} bytes, ` +
        `but there are ${formatCount(files, 'file')} and ${formatNumber(bytes)} bytes.`,
    );
  }
  const parts = [
    formatCount(files, 'file'),
    ...(folders === 0 ? [] : [formatCount(folders, 'folder')]),
    ...(executables === 0 ? [] : [formatCount(executables, 'executable')]),
    'every modification time',
  ];
  screen.say(`The same on both sides: ${formatNumber(bytes)} bytes, ${parts.join(', ')}.`);
  return comparison;
}

/** `2,007 files, 300 MB in 4 seconds, 73 MB/s`. */
export function sentText({ files, bytes, seconds }: Sent): string {
  const speed = formatSpeed(bytes / Math.max(seconds, 0.001));
  return `${formatCount(files, 'file')}, ${formatBytes(bytes)} in ${formatElapsed(seconds)}, ${speed}`;
}

function tellLeftOut(screen: Screen, { skipped, skippedCount }: Sent): void {
  if (skippedCount === 0) return;
  screen.say(`Sealane left out ${formatCount(skippedCount, 'item')} and said so:`);
  for (const { path, reason } of skipped.slice(0, LISTED))
    screen.say(`  ${displayText(path)} ${skipReasonText(reason)}`);
  const more = skippedCount - Math.min(skipped.length, LISTED);
  if (more > 0) screen.say(`  and ${formatNumber(more)} more`);
}

/** Characters that mislead are replaced in names, on purpose. */
function nameOnDisk(name: string): string {
  return portableName(name, POSIX_RULES);
}
