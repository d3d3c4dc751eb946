import { FOLDER_CODES } from '../../shared/received-folder.ts';
import type { TransferView } from '../../shared/views.ts';
import { useActions } from '../store.ts';

type Kind = TransferView['state']['kind'];

/** States in which there is something to let stand. */
const PAUSABLE: readonly Kind[] = ['running', 'connecting', 'waiting'];

interface Props {
  /** As its row shows it. */
  readonly transfer: TransferView;
  /** The element that names the transfer these buttons are for. */
  readonly titleId: string;
}

/** What can be done with a transfer that is not over. */
export function TransferControls({ transfer, titleId }: Props) {
  const { cancel, move, pause, resume } = useActions();
  const { id, state } = transfer;
  const lacksFolder =
    transfer.direction === 'receive' && state.kind === 'waiting' && FOLDER_CODES.includes(state.error.code);
  const isOurPause = state.kind === 'paused' && state.by === 'me';
  return (
    <>
      {/* One button for both, so that the keyboard focus stays on it. */}
      {(isOurPause || PAUSABLE.includes(state.kind)) && (
        <Control
          label={isOurPause ? 'Resume' : 'Pause'}
          titleId={titleId}
          act={() => (isOurPause ? resume(id) : pause(id))}
        />
      )}
      {lacksFolder && <Control label="Choose another folder…" titleId={titleId} act={() => move(id)} />}
      <Control label="Cancel" titleId={titleId} act={() => cancel(id)} />
    </>
  );
}

/** What can be done with a transfer that is over: its row goes, and nothing else. */
export function EndedControls({ transfer: { id }, titleId }: Props) {
  const { remove } = useActions();
  return (
    <Control
      label="Remove"
      titleId={titleId}
      act={() => {
        // The button goes with its row.
        document.getElementById('transfers-heading')?.focus();
        return remove(id);
      }}
    />
  );
}

interface ControlProps {
  readonly label: string;
  readonly titleId: string;
  readonly act: () => Promise<unknown>;
}

function Control({ label, titleId, act }: ControlProps) {
  return (
    <button
      type="button"
      className="button small"
      data-steady=""
      aria-describedby={titleId}
      onClick={() => void act()}
    >
      {label}
    </button>
  );
}
