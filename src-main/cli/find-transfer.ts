import { SealaneError } from '../../shared/errors.ts';
import type { TransferView } from '../../shared/views.ts';
import type { Engine } from '../engine/index.ts';

/**
 * The transfer whose id begins with `text`, which a person has given. Throws `transfer-ambiguous` where several do, `unknown-transfer`
 * where none does.
 */
export async function findTransfer(engine: Engine, text: string): Promise<TransferView> {
  const start = text.trim().toLowerCase();
  const fitting = start === '' ? [] : (await engine.allTransfers()).filter(({ id }) => id.startsWith(start));
  const [found, ...others] = fitting;
  if (found === undefined) throw new SealaneError('unknown-transfer');
  if (others.length > 0) throw new SealaneError('transfer-ambiguous');
  return found;
}
