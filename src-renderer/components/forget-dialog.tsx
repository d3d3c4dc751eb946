import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useRef } from 'react';
import { displayText } from '../../shared/display.ts';
import type { DeviceView } from '../../shared/views.ts';
import { useActions } from '../store.ts';

interface Props {
  readonly device: DeviceView;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Asks before a pairing is undone, and says what that means. */
export function ForgetDialog({ device, open, onOpenChange }: Props) {
  const { forget } = useActions();
  const forgotten = useRef(false);
  const name = displayText(device.label);
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Viewport className="dialog-viewport">
          <AlertDialog.Popup
            className="dialog"
            // The button it was opened with goes together with the device.
            finalFocus={() => (forgotten.current ? document.getElementById('devices-heading') : true)}
          >
            <AlertDialog.Title className="dialog-title">Forget {name}?</AlertDialog.Title>
            <AlertDialog.Description className="dialog-text">
              The two devices can no longer send each other files, and whatever is on its way between them
              stops now. Files you already have stay where they are. To send again, you have to pair the two
              anew.
            </AlertDialog.Description>
            <div className="dialog-buttons">
              <AlertDialog.Close className="button">Keep it</AlertDialog.Close>
              <button
                type="button"
                className="button destructive"
                data-steady=""
                onClick={() => {
                  forgotten.current = true;
                  onOpenChange(false);
                  void forget(device.id);
                }}
              >
                Forget this device
              </button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
