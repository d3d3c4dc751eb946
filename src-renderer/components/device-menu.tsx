import { Menu } from '@base-ui/react/menu';
import { Check, Ellipsis } from 'lucide-react';
import { useState } from 'react';
import type { RefObject } from 'react';
import { displayText } from '../../shared/display.ts';
import type { DeviceView } from '../../shared/views.ts';
import { acceptPolicySchema } from '../../shared/views.ts';
import { useActions } from '../store.ts';
import { ForgetDialog } from './forget-dialog.tsx';

interface Props {
  readonly device: DeviceView;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onRename: () => void;
  readonly onLocate: () => void;
}

/** Everything about a device that is not needed every day. */
export function DeviceMenu({ device, button, onRename, onLocate }: Props) {
  const { setAccept, chooseFolder, resetFolder } = useActions();
  const [forgetting, setForgetting] = useState(false);
  return (
    <>
      <Menu.Root>
        <Menu.Trigger
          ref={button}
          className="icon-button"
          aria-label={`More about ${displayText(device.label)}`}
        >
          <Ellipsis aria-hidden className="icon" />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className="menu-positioner" align="end" sideOffset={4}>
            <Menu.Popup className="menu" data-steady="moves">
              <Menu.Item className="menu-item" onClick={onRename}>
                Rename…
              </Menu.Item>
              <Menu.Item className="menu-item" onClick={onLocate}>
                Enter its address…
              </Menu.Item>
              <Menu.Separator className="menu-separator" />
              <Menu.RadioGroup
                value={device.accept}
                onValueChange={(value) => void setAccept(device.id, acceptPolicySchema.parse(value))}
              >
                <PolicyItem value="ask">Ask before receiving</PolicyItem>
                <PolicyItem value="always">Receive without asking</PolicyItem>
              </Menu.RadioGroup>
              <Menu.Separator className="menu-separator" />
              <Menu.Item className="menu-item" onClick={() => void chooseFolder(device.id)}>
                Choose a folder for its files…
              </Menu.Item>
              {device.into !== null && (
                <Menu.Item className="menu-item" onClick={() => void resetFolder(device.id)}>
                  Use the usual folder
                </Menu.Item>
              )}
              <Menu.Separator className="menu-separator" />
              <Menu.Item
                className="menu-item danger"
                onClick={() => {
                  setForgetting(true);
                }}
              >
                Forget this device…
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <ForgetDialog device={device} open={forgetting} onOpenChange={setForgetting} />
    </>
  );
}

function PolicyItem({ value, children }: { readonly value: string; readonly children: string }) {
  return (
    <Menu.RadioItem className="menu-item" value={value} closeOnClick>
      <Menu.RadioItemIndicator className="menu-mark">
        <Check aria-hidden className="icon" />
      </Menu.RadioItemIndicator>
      {children}
    </Menu.RadioItem>
  );
}
