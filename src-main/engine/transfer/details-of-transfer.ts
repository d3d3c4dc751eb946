import { SealaneError } from '../../../shared/errors.ts';
import { leftOutOf } from '../../../shared/views.ts';
import type { DetailPage, TransferId } from '../../../shared/views.ts';
import { detailsOf } from '../files/details-file.ts';
import type { Store } from '../store/contract.ts';

/**
 * All that was left out of a transfer that is over, and all that was renamed, from `from` on; where that is not kept in full, the
 * first of it, which the history has. Throws `unknown-transfer`, `profile-unusable`.
 */
export async function detailsOfTransfer(
  { history, details }: Pick<Store, 'history' | 'details'>,
  id: TransferId,
  from: number,
): Promise<DetailPage> {
  const view = history.list().find((each) => each.id === id);
  if (view === undefined) throw new SealaneError('unknown-transfer');
  const page = await details.read(id, from);
  if (page !== undefined) return page;
  const { state } = view;
  const renamed = 'outcome' in state ? state.outcome.renamed : [];
  return { details: [...detailsOf(renamed, leftOutOf(state)?.skipped ?? [])], next: null };
}
