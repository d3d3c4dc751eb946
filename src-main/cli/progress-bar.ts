import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  formatSpeed,
  percentOf,
} from '../../shared/format.ts';
import type { ProgressReport } from './report.ts';

const BAR_CHARACTERS = 24;

/**
 * One line that says how far the running transfers are, together if there are several. It is never longer than `columns`, so that
 * it does not wrap; what matters least is left out first.
 */
export function progressLine(running: readonly ProgressReport[], columns: number): string {
  const total = (pick: (report: ProgressReport) => number): number =>
    running.reduce((sum, report) => sum + pick(report), 0);
  const bytes = total((report) => report.bytes);
  const totalBytes = total((report) => report.totalBytes);

  const filled = Math.round((percentOf(bytes, totalBytes) / 100) * BAR_CHARACTERS);
  const parts = [
    `${'█'.repeat(filled)}${'░'.repeat(BAR_CHARACTERS - filled)} ${formatPercent(bytes, totalBytes).padStart(4)}`,
    formatSpeed(total((report) => report.bytesPerSecond)),
    timeLeft(running),
    `${formatNumber(total((report) => report.files))} of ${formatCount(
      total((report) => report.totalFiles),
      'file',
    )}`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    running.length > 1 ? formatCount(running.length, 'transfer') : '',
  ].filter((part) => part !== '');
  while (parts.length > 1 && parts.join('  ').length > columns) parts.pop();
  return parts.join('  ').slice(0, Math.max(0, columns));
}

/** Until the last one is done; empty while that cannot be said of one of them. */
function timeLeft(running: readonly ProgressReport[]): string {
  let longest = 0;
  for (const { secondsLeft } of running) {
    if (secondsLeft === null) return '';
    longest = Math.max(longest, secondsLeft);
  }
  return `${formatDuration(longest)} left`;
}
