import { File, Folder } from 'lucide-react';
import { useId, useState } from 'react';
import { displayText } from '../../shared/display.ts';
import { formatWhen } from '../../shared/when.ts';
import type { DeviceView } from '../../shared/views.ts';
import { useDropTarget } from '../hooks/use-file-drag.ts';
import { useNow } from '../hooks/use-now.ts';
import { useReturnFocus } from '../hooks/use-return-focus.ts';
import { useActions } from '../store.ts';
import { AddressForm } from './address-form.tsx';
import { DeviceMenu } from './device-menu.tsx';
import { Flag } from './flag.tsx';
import { NameForm } from './name-form.tsx';

const TEN_SECONDS_MS = 10_000;

interface Props {
  readonly device: DeviceView;
  /** Whether files are being dragged over the window: the card then shows that it takes them. */
  readonly dragging: boolean;
}

/** A paired device: drop files on it, or choose them. */
export function DeviceCard({ device, dragging }: Props) {
  const { chooseAndSend, sendDropped, renameDevice, noteName, lookFor } = useActions();
  const { over, handlers } = useDropTarget((files) => void sendDropped(device.id, files));
  const [editing, setEditing] = useState<'name' | 'address' | null>(null);
  const menuButton = useReturnFocus(editing !== null);
  const heading = useId();
  const name = displayText(device.label);

  return (
    <div
      role="group"
      aria-labelledby={heading}
      className="device"
      data-dragging={dragging}
      data-over={over}
      data-steady="moves"
      data-drop-target
      {...handlers}
    >
      {editing === 'name' ? (
        <NameForm
          label={`Name for ${name}`}
          name={device.name}
          onSave={(wanted) => renameDevice(device.id, wanted)}
          onClose={() => {
            setEditing(null);
          }}
        />
      ) : editing === 'address' ? (
        <AddressForm
          name={name}
          onLook={(address) => lookFor(device.id, address)}
          onClose={() => {
            setEditing(null);
          }}
        />
      ) : (
        <div className="device-head">
          <Flag id={device.id} />
          <div className="device-title">
            <h3 id={heading}>{name}</h3>
            <Presence device={device} />
          </div>
          <DeviceMenu
            device={device}
            button={menuButton}
            onRename={() => {
              setEditing('name');
            }}
            onLocate={() => {
              setEditing('address');
            }}
          />
        </div>
      )}
      {device.was !== null && (
        <Renamed
          was={device.was}
          onSeen={() => {
            // The button goes; the focus stays in the card.
            menuButton.current?.focus();
            void noteName(device.id, device.name);
          }}
        />
      )}
      {device.hasForgotten ? (
        <p>
          It has removed its pairing with this device. To send each other files, pair the two again; or forget
          it here, too.
        </p>
      ) : (
        <Policy device={device} />
      )}
      <div className="device-berth">
        <p className="quiet">{over ? `Let go to send to ${name}` : 'Drop files or folders here'}</p>
        <div className="device-send">
          <button
            type="button"
            className="button small"
            onClick={() => void chooseAndSend(device.id, 'files')}
          >
            <File aria-hidden className="icon" />
            Send files…
          </button>
          <button
            type="button"
            className="button small"
            onClick={() => void chooseAndSend(device.id, 'folder')}
          >
            <Folder aria-hidden className="icon" />
            Send folder…
          </button>
        </div>
      </div>
    </div>
  );
}

/** A device may take any name, that of another one, too: it is said until this user has seen it. */
function Renamed({ was, onSeen }: { readonly was: string; readonly onSeen: () => void }) {
  return (
    <div className="device-renamed">
      <p>
        It has renamed itself. Before, it was <strong>{displayText(was)}</strong>.
      </p>
      <button type="button" className="button small" data-steady="" onClick={onSeen}>
        I have seen it
      </button>
    </div>
  );
}

/** What becomes of what it sends. */
function Policy({ device }: { readonly device: DeviceView }) {
  return (
    <p className="quiet">
      {device.accept === 'ask'
        ? 'You are asked before its files are received.'
        : 'Its files are received without asking.'}
      {device.into !== null && (
        <>
          {' They go to '}
          <span className="path">{displayText(device.into)}</span>
        </>
      )}
    </p>
  );
}

/** Whether it is there, or when it was there last, as far as this device knows. */
function Presence({ device }: { readonly device: DeviceView }) {
  const now = useNow(TEN_SECONDS_MS);
  return <p className="quiet">{presenceText(device, now)}</p>;
}

function presenceText({ isConnected, hasForgotten, lastSeen }: DeviceView, now: number): string {
  if (hasForgotten) return 'no longer paired there';
  if (isConnected) return 'connected';
  return lastSeen === null ? 'not seen yet' : `seen ${formatWhen(lastSeen, now)}`;
}
