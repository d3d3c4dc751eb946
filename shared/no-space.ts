import { SealaneError } from './errors.ts';
import { formatBytes, formatCount } from './format.ts';

/** How much a transfer still needs of a disk, and how much of that disk is free, in bytes. */
export interface SpaceFacts {
  readonly needed: number;
  /** Null where only the other device knows: what is free on its disks is nobody else's business. */
  readonly free: number | null;
}

/** Not enough free space, and by how much. */
export class NoSpace extends SealaneError {
  override readonly message: string;
  readonly space: SpaceFacts;

  constructor({ needed, free }: SpaceFacts, options: { detail?: string; fromPeer?: boolean } = {}) {
    super('no-space', options);
    this.space = { needed: whole(Math.ceil(needed)), free: free === null ? null : whole(Math.floor(free)) };
    const what = this.fromPeer ? 'Make room there.' : 'Make room or choose another folder.';
    this.message = `${lackSentence(this)} ${what}`;
  }
}

/** A peer may offer as much as a number can hold. */
function whole(bytes: number): number {
  return Math.min(Math.max(0, bytes), Number.MAX_SAFE_INTEGER);
}

/** What is in the way, without what to do about it. */
export function lackSentence({ space, fromPeer }: NoSpace): string {
  const where = fromPeer ? ' on the other device' : '';
  return `There is not enough free space for this${where}: ${needText(space)}.`;
}

/** `it needs 53.7 GB, and 1.1 GB are free` */
export function needText({ needed, free }: SpaceFacts): string {
  if (free === null) return `it needs ${formatBytes(needed)}`;
  // Two amounts that read the same would make no sense.
  const isClose = formatBytes(needed) === formatBytes(free);
  const format = isClose ? (bytes: number) => formatCount(bytes, 'byte') : formatBytes;
  return `it needs ${format(needed)}, and ${format(free)} are free`;
}
