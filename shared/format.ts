/**
 * Numbers as people read them, the same in the window and in the terminal. English, decimal (SI) units as file managers and
 * disks use them. Each function takes whatever number it is given; what is negative or not a number counts as 0.
 */

let formatter: Intl.NumberFormat | undefined;

/** Made when it is needed: it takes longer than all else that a command loads. */
function grouped(value: number): string {
  formatter ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  return formatter.format(value);
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function atLeastZero(value: number): number {
  return Number.isNaN(value) || value < 0 ? 0 : value;
}

/** `2,004 files`, `1 file`. The plural is the singular with an s unless given. */
export function formatCount(count: number, singular: string, plural = `${singular}s`): string {
  const whole = Math.trunc(atLeastZero(count));
  return `${grouped(whole)} ${whole === 1 ? singular : plural}`;
}

/** `2,004`. */
export function formatNumber(count: number): string {
  return grouped(Math.trunc(atLeastZero(count)));
}

/** Bytes as `312 MB`, `1.4 GB`, `24.6 GB`, `17 bytes`: two or three digits that mean something. */
export function formatBytes(bytes: number): string {
  let value = atLeastZero(bytes);
  if (value < 1000) return formatCount(value, 'byte');
  let unit = -1;
  do {
    value /= 1000;
    unit += 1;
    // 999,999 bytes are 1 MB, not 1000 kB.
  } while (Math.round(value) >= 1000 && unit < UNITS.length - 1);
  // A tenth of a kilobyte or megabyte is noise beside tens of them; a tenth of a gigabyte is not.
  const decimals = value < 9.95 || (unit >= 2 && value < 99.95) ? 1 : 0;
  const text = decimals === 0 ? grouped(value) : value.toFixed(1).replace(/\.0$/, '');
  return `${text} ${UNITS[unit] ?? 'EB'}`;
}

/** Bytes per second as `38 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** A time to come, in seconds, as one says it: `a few seconds`, `about 2 minutes`, `about 1 hour 20 minutes`. */
export function formatDuration(seconds: number): string {
  const total = atLeastZero(seconds);
  if (total < 5) return 'a few seconds';
  if (total < 55) return `about ${formatCount(Math.ceil(total / 5) * 5, 'second')}`;
  if (total < 59.5 * MINUTE) return `about ${formatCount(Math.max(1, Math.round(total / MINUTE)), 'minute')}`;
  if (total < 10 * HOUR) {
    const tens = Math.round(total / (10 * MINUTE));
    const minutes = (tens % 6) * 10;
    const hours = formatCount(Math.floor(tens / 6), 'hour');
    return minutes === 0 ? `about ${hours}` : `about ${hours} ${formatCount(minutes, 'minute')}`;
  }
  if (total < 2 * DAY) return `about ${formatCount(Math.round(total / HOUR), 'hour')}`;
  return `about ${formatCount(Math.round(total / DAY), 'day')}`;
}

/** A time that has passed, in seconds: `0.4 seconds`, `12 seconds`, `2 minutes 5 seconds`, `1 hour 3 minutes`. */
export function formatElapsed(seconds: number): string {
  const total = atLeastZero(seconds);
  if (total < 0.95) return `${Math.max(0.1, total).toFixed(1)} seconds`;
  const whole = Math.round(total);
  if (whole < MINUTE) return formatCount(whole, 'second');
  if (whole < HOUR) return twoUnits(whole, MINUTE, 'minute', 1, 'second');
  if (whole < DAY) return twoUnits(whole, HOUR, 'hour', MINUTE, 'minute');
  return twoUnits(whole, DAY, 'day', HOUR, 'hour');
}

function twoUnits(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): string {
  const rest = Math.floor((seconds % large) / small);
  const head = formatCount(seconds / large, largeName);
  return rest === 0 ? head : `${head} ${formatCount(rest, smallName)}`;
}

/** How long ago something was, in milliseconds: `just now`, `5 minutes ago`, `yesterday`, `3 days ago`, `2 months ago`. */
export function formatAgo(milliseconds: number): string {
  const seconds = atLeastZero(milliseconds) / 1000;
  if (seconds < MINUTE) return 'just now';
  if (seconds < HOUR) return `${formatCount(seconds / MINUTE, 'minute')} ago`;
  if (seconds < DAY) return `${formatCount(seconds / HOUR, 'hour')} ago`;
  if (seconds < 2 * DAY) return 'yesterday';
  if (seconds < 60 * DAY) return `${formatCount(seconds / DAY, 'day')} ago`;
  if (seconds < 730 * DAY) return `${formatCount(seconds / (30 * DAY), 'month')} ago`;
  return `${formatCount(seconds / (365 * DAY), 'year')} ago`;
}

/** What is left of a deadline, in milliseconds, as a clock: `9:41`, `0:05`, `1:02:09`, `2 days`. */
export function formatCountdown(milliseconds: number): string {
  const total = Math.ceil(atLeastZero(milliseconds) / 1000);
  if (total >= 2 * DAY) return formatCount(total / DAY, 'day');
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / MINUTE);
  if (minutes < 60) return `${String(minutes)}:${seconds}`;
  return `${String(Math.floor(minutes / 60))}:${String(minutes % 60).padStart(2, '0')}:${seconds}`;
}

/** How much of `total` is done, from 0 to 100, rounded down: 100 means all of it. Of nothing, all is done. */
export function percentOf(done: number, total: number): number {
  if (!(total > 0)) return 100;
  return Math.min(100, Math.floor((atLeastZero(done) / total) * 100));
}

/** `43%`; see `percentOf`. */
export function formatPercent(done: number, total: number): string {
  return `${String(percentOf(done, total))}%`;
}
