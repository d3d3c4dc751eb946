import { useEffect, useState } from 'react';
import type { PartialData, TransferView } from '../../shared/views.ts';
import { partialText } from '../phrases.ts';
import { useActions } from '../store.ts';

interface Props {
  /** One that stands still. */
  readonly transfer: TransferView;
}

/** Where what has arrived so far lies, for who wonders what takes up the disk. */
export function PartialPlace({ transfer }: Props) {
  const { partialData } = useActions();
  const { id } = transfer;
  const [partial, setPartial] = useState<PartialData | null>(null);
  useEffect(() => {
    let isShown = true;
    void partialData(id).then((found) => {
      if (isShown) setPartial(found);
    });
    return () => {
      isShown = false;
    };
  }, [id, partialData]);
  return partial === null ? null : <p className="transfer-standing">{partialText(partial)}</p>;
}
