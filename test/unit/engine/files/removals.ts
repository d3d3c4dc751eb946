import { discardStaging, discardStagingAsync } from '../../../../src-main/engine/files/discard-staging.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';

/** Every way in which a staging folder is removed before it was published, by when that is. */
export const REMOVALS: Readonly<Record<string, (staging: Staging) => unknown>> = {
  'it is discarded': (staging) => {
    staging.discard();
  },
  'it is given up by what the journal says of it': (staging) => {
    staging.release();
    discardStaging(staging.place);
  },
  'it is given up by another thread': (staging) => {
    staging.release();
    return discardStagingAsync(staging.place);
  },
};
