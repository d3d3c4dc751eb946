import { ArrowDown, ArrowUp, Ban, Check, CircleSlash, Hourglass, Pause, TriangleAlert } from 'lucide-react';
import { unreachable } from '../../shared/unreachable.ts';
import type { TransferView } from '../../shared/views.ts';

interface Props {
  readonly transfer: TransferView;
}

/** A sign for the direction while it runs, and for the end afterwards. The words beside it say the same. */
export function TransferSign({ transfer }: Props) {
  return (
    <span className="transfer-sign" aria-hidden="true">
      <Sign transfer={transfer} />
    </span>
  );
}

function Sign({ transfer }: Props) {
  switch (transfer.state.kind) {
    case 'done':
      return <Check className="icon" />;
    case 'incomplete':
    case 'failed':
      return <TriangleAlert className="icon" />;
    case 'declined':
      return <Ban className="icon" />;
    case 'cancelled':
      return <CircleSlash className="icon" />;
    case 'waiting':
      return <Hourglass className="icon" />;
    case 'paused':
      return <Pause className="icon" />;
    case 'preparing':
    case 'connecting':
    case 'offered':
    case 'running':
    case 'finishing':
      return transfer.direction === 'send' ? <ArrowUp className="icon" /> : <ArrowDown className="icon" />;
    default:
      return unreachable(transfer.state);
  }
}
