import type { TransferId } from '../../../shared/views.ts';
import type { Store } from '../store/contract.ts';

type History = Pick<Store['history'], 'list' | 'onChange'>;

const idsIn = (history: History): ReadonlySet<TransferId> => new Set(history.list().map(({ id }) => id));

/**
 * Tells which transfers a history has no more, whether this process removed them or another one of this profile; not of one that
 * `isRunning`, which is shown all the same. Gives back what ends it.
 */
export function watchRemovals(
  history: History,
  isRunning: (id: TransferId) => boolean,
  onRemoved: (ids: readonly TransferId[]) => void,
): () => void {
  let before = idsIn(history);
  return history.onChange(() => {
    const now = idsIn(history);
    const gone = [...before].filter((id) => !now.has(id) && !isRunning(id));
    before = now;
    if (gone.length > 0) onRemoved(gone);
  });
}
