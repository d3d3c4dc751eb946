import type { ManifestFile } from '../files/manifest-record.ts';
import type { SentLog } from './sent-log.ts';
import { SourceFile } from './source-file.ts';

/** How often a file is compared anew that is touched again and again meanwhile. */
const MAX_COMPARISONS = 3;

/**
 * Whether a file that was touched since it was listed, or is longer, has the content that was sent of `entry`, as far as any
 * was: then it need not be sent anew. Reads that much of it unless an earlier comparison tells; `onPiece` is
 * called now and then, and may throw.
 */
export function isAsSent(file: ManifestFile, entry: number, log: SentLog, onPiece?: () => void): boolean {
  const opened = SourceFile.open(file, 0);
  if (!(opened instanceof SourceFile)) return false;
  try {
    // Of a file that nothing is known of, all may have been sent: a power cut takes away what was noted last.
    const { ctimeNs, length, isAnew } = log.sent(entry);
    // What the receiver has of one that was begun anew may be what it had before, if that was lost.
    if (ctimeNs === null || isAnew) return false;
    // The same of one that only the beginning is known of, unless that is all that was sent: then it is the
    // last one.
    if (length < file.size && entry !== log.last) return false;
    // Nothing that was sent tells of the rest.
    if (length < file.size && opened.hasGrown && !opened.isAppended()) return false;
    const isSame = hasWhatWasSent(opened, entry, log, onPiece);
    log.flush();
    return isSame;
  } finally {
    opened.close();
  }
}

/**
 * Whether too little is known of what was sent of `entry`, all of which the receiver has by its own word, to
 * tell that a file that was touched since it was listed still has it; notes that nothing is known then.
 */
export function isKnownInPart(file: ManifestFile, entry: number, log: SentLog): boolean {
  const { ctimeNs, length } = log.sent(entry);
  if (ctimeNs === null || length >= file.size) return false;
  const opened = SourceFile.open(file, 0);
  if (!(opened instanceof SourceFile)) return false;
  const { isAsListed } = opened;
  opened.close();
  if (isAsListed) return false;
  log.void(entry);
  log.sync();
  return true;
}

/** Whether an open file has what the log says was sent of it; notes it. */
export function hasWhatWasSent(file: SourceFile, entry: number, log: SentLog, onPiece?: () => void): boolean {
  const sent = log.sent(entry);
  if (sent.ctimeNs === file.ctimeNs && file.isKnownByTimes) return true;
  if (!file.has(sent, onPiece)) return false;
  log.equal(entry, file.ctimeNs);
  return true;
}

/**
 * Whether a file that was touched, or became longer, while it was read was read as one file, all `size` bytes
 * of it; notes it.
 */
export function wasReadAsOne(file: SourceFile, entry: number, log: SentLog): boolean {
  for (let n = 0; n < MAX_COMPARISONS; n += 1) {
    if (file.accept() !== undefined || log.sent(entry).length !== file.entry.size) return false;
    if (hasWhatWasSent(file, entry, log)) return true;
    if (file.check() === undefined) return false;
  }
  return false;
}
