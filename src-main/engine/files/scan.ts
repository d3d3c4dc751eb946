import { SealaneError } from '../../../shared/errors.ts';
import type { ContentProgress, ScanSummary } from '../content/contract.ts';
import type { ManifestWriter } from './manifest.ts';

export interface ScanOptions {
  /** Called every now and then with what was found so far. */
  readonly onProgress: (progress: ContentProgress) => void;
  /** Asked before every entry; must be cheap. */
  readonly isCancelled: () => boolean;
}

/**
 * Walks `paths` (absolute) and appends what is to be sent to `manifest`, which it does not close. Throws `source-missing`, `nothing-to-send`, `too-many-files`, `cancelled`.
 */
export function scan(
  _paths: readonly string[],
  _manifest: ManifestWriter,
  _options: ScanOptions,
): ScanSummary {
  throw new SealaneError('internal', { detail: 'not yet written' });
}
