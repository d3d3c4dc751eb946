import { ChevronRight, Pencil } from 'lucide-react';
import { useId, useState } from 'react';
import { displayText } from '../../shared/display.ts';
import { useReturnFocus } from '../hooks/use-return-focus.ts';
import { useActions, usePage } from '../store.ts';
import { CopyButton } from './copy-button.tsx';
import { Flag } from './flag.tsx';
import { NameForm } from './name-form.tsx';

/** This device: what others see of it. */
export function ThisDevice() {
  const self = usePage((state) => state.self);
  const downloads = usePage((state) => state.downloads);
  const { renameSelf } = useActions();
  const [renaming, setRenaming] = useState(false);
  const pencil = useReturnFocus(renaming);
  const heading = useId();

  return (
    <section className="this-device" aria-labelledby={heading}>
      <h2 id={heading}>This device</h2>
      {renaming ? (
        <NameForm
          label="Name of this device"
          name={self.name}
          onSave={renameSelf}
          onClose={() => {
            setRenaming(false);
          }}
        />
      ) : (
        <div className="this-device-name">
          <Flag id={self.id} />
          <strong data-testid="self-name">{displayText(self.name)}</strong>
          <button
            ref={pencil}
            type="button"
            className="icon-button"
            aria-label="Rename this device"
            onClick={() => {
              setRenaming(true);
            }}
          >
            <Pencil aria-hidden className="icon" />
          </button>
        </div>
      )}
      <p className="quiet">
        Received files go to <span className="path">{displayText(downloads)}</span>
      </p>
      <DeviceIdentity />
    </section>
  );
}

/** The id, for those who want to compare it or use it in a terminal. */
function DeviceIdentity() {
  const id = usePage((state) => state.self.id);
  const port = usePage((state) => state.port);
  const { ownAddresses } = useActions();
  const [shown, setShown] = useState(false);
  const [addresses, setAddresses] = useState<readonly string[]>([]);
  const panel = useId();
  return (
    <div className="identity">
      <button
        type="button"
        className="text-button"
        aria-expanded={shown}
        aria-controls={panel}
        onClick={() => {
          setShown(!shown);
          // They are those of now: a computer may have been carried elsewhere.
          if (!shown) void ownAddresses().then(setAddresses);
        }}
      >
        <ChevronRight aria-hidden className="icon turns" />
        {shown ? 'Hide id' : 'Show id'}
      </button>
      <div id={panel} hidden={!shown}>
        <p className="device-id" data-testid="self-id">
          {id}
        </p>
        <CopyButton text={id} label="Copy id" />
        {port !== null && (
          <>
            <p className="quiet">
              {addresses.length > 0 ? 'Reachable at' : `Reachable on port ${String(port)}`}
            </p>
            {addresses.map((address) => (
              <p key={address} className="own-address">
                {address}
              </p>
            ))}
          </>
        )}
      </div>
    </div>
  );
}
