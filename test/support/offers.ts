import type { Offered, OfferedItem, ScanSummary } from '../../src-main/engine/content/contract.ts';
import type { ManifestEntry } from '../../src-main/engine/files/manifest-record.ts';
import type { Offer } from '../../src-main/engine/transfer/greeting.ts';
import { isProgramName } from '../../shared/marks.ts';

type Counts = Pick<Offered, 'itemCount' | 'files' | 'folders' | 'bytes'>;

/** What content is held against, with nothing else asked of it than these counts and what `more` says. */
export function offeredOf(counts: Counts, more: Partial<Offered> = {}): Offered {
  const { itemCount, files, folders, bytes } = counts;
  return {
    itemCount,
    files,
    folders,
    bytes,
    items: [],
    hidden: files + folders,
    programs: files,
    minFiles: 0,
    minFolders: 0,
    minItems: 0,
    firstFiles: files,
    minFirstFiles: 0,
    maxKeptBytes: Number.MAX_SAFE_INTEGER,
    ...more,
  };
}

/** What an honest receiver holds the content against that was offered after this walk. */
export function offeredAfter(walked: ScanSummary): Offered {
  const { items, itemCount, files, folders, bytes, hidden, programs } = walked;
  const least = {
    minFiles: files,
    minFolders: folders,
    minItems: itemCount,
    firstFiles: files,
    minFirstFiles: files,
  };
  return { items, itemCount, files, folders, bytes, hidden, programs, ...least, maxKeptBytes: bytes };
}

/** The body of an offer message but for its id: items of one kind, and no hidden files or programs but those that the names say. */
export function offerBody(
  names: readonly string[],
  { files, folders, bytes }: Omit<Counts, 'itemCount'>,
  more: Partial<Omit<Offer, 'transfer'>> = {},
): Omit<Offer, 'transfer'> {
  const kind = folders > 0 ? 'folder' : 'file';
  const items: OfferedItem[] = names.map((name) => ({
    name,
    kind,
    program: kind === 'file' && isProgramName(name),
  }));
  const hidden = names.filter((name) => name.startsWith('.')).length;
  const programs = items.filter(({ program }) => program).length;
  return { items, itemCount: names.length, files, folders, bytes, hidden, programs, ...more };
}

/** The folder in which a receiver stands that has the first `count` entries: what it knows besides a cursor. */
export function folderAfter(entries: Iterable<ManifestEntry>, count: number): string[] {
  let folder: readonly string[] = [];
  let at = 0;
  for (const entry of entries) {
    if (at >= count) break;
    at += 1;
    if (entry.kind === 'skipped' || ('again' in entry && entry.again !== undefined)) continue;
    folder = entry.kind === 'folder' ? entry.path : entry.path.slice(0, -1);
  }
  return [...folder];
}
