import { lstatSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isSame } from './real-place.ts';

/** As many links as Linux follows on one path. */
export const MAX_LINKS = 40;

/** A link on the way belongs to another user, who can have it lead anywhere at any time. */
export class ForeignLinkError extends Error {
  override readonly name = 'ForeignLinkError';
}

/** Something on the way was replaced while it was looked at. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError';
}

/** What has this user id belongs to this user or to root, or there are no owners. */
export function isTrusted({ uid }: Pick<BigIntStats, 'uid'>): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === 0n || uid === BigInt(user);
}

/** The time of the last change of a link is that of the last tick of the system's clock, ms; some file systems keep whole seconds. */
const TICK_MS = 20;
const COARSE_TICK_MS = 2_000;
const SECOND_NS = 1_000_000_000n;

/** Who replaces a link all the time is not waited for any longer. */
const MAX_LOOKS = 6;

function tickOf({ ctimeNs }: BigIntStats): number {
  return ctimeNs % SECOND_NS === 0n ? COARSE_TICK_MS : TICK_MS;
}

/**
 * How long it takes, in ms from `now`, until whatever is done to the link gives it another time than it has. A time that is still to come
 * is that of another computer's clock.
 */
function unsettledFor(stats: BigIntStats, now: number): number {
  const [tick, age] = [tickOf(stats), now - Number(stats.ctimeNs / 1_000_000n)];
  return age < -tick ? 0 : Math.max(0, tick - age);
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * What the link at `at` says, which belongs to this user or to root. Its text can be read by its path only, so it is looked at before and
 * after: another one that was there in between, by a rename there and one back, leaves this one with another time of the last change. One
 * that was changed within this tick of the clock is waited for. Throws `ForeignLinkError`, `ReplacedError`, ENOTDIR for what is no link,
 * system errors.
 */
export function readTrustedLink(at: string): string {
  for (let look = 1; ; look += 1) {
    const now = Date.now();
    const before = lstatSync(at, { bigint: true });
    if (!before.isSymbolicLink()) throw Object.assign(new Error('no link'), { code: 'ENOTDIR' });
    if (!isTrusted(before)) throw new ForeignLinkError('a link of another user');
    const text = readlinkSync(at);
    const after = lstatSync(at, { bigint: true });
    if (!isSame(before, after) || before.ctimeNs !== after.ctimeNs) throw new ReplacedError('a link');
    const wait = unsettledFor(before, now);
    if (wait === 0) return text;
    if (look === MAX_LOOKS) throw new ReplacedError('a link, again and again');
    pause(wait + 1);
  }
}
