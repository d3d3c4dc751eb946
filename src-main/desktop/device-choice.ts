import type { DeviceId } from '../../shared/device-id.ts';
import { displayText } from '../../shared/display.ts';
import type { DeviceView } from '../../shared/views.ts';

/** Devices that a question has room for; those seen last come first. */
const DEVICE_BUTTONS = 8;

/** The question which device something is to be sent to, as a message box asks it. */
export interface DeviceChoice {
  readonly type: 'info' | 'question';
  readonly message: string;
  readonly detail: string;
  readonly buttons: string[];
  /** The button that sends nothing anywhere: the last one. */
  readonly none: number;
  /** The device behind a button; undefined for the one that is none. */
  readonly deviceAt: (button: number) => DeviceId | undefined;
}

/** Asks where `count` files and folders go. A device has chosen its name itself, and none may look like a button of the question. */
export function deviceChoice(devices: readonly DeviceView[], count: number): DeviceChoice {
  const near = [...devices].sort((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0)).slice(0, DEVICE_BUTTONS);
  const common = { none: near.length, deviceAt: (button: number) => near[button]?.id };
  if (near.length === 0) {
    return {
      type: 'info',
      message: 'There is no device to send to yet.',
      detail: 'Pair this computer with another one first.',
      buttons: ['OK'],
      ...common,
    };
  }
  return {
    type: 'question',
    message: `Send ${count === 1 ? 'this' : `these ${count} items`} to which device?`,
    detail: '',
    buttons: [...near.map(({ label }) => `To “${displayText(label)}”`), 'Cancel'],
    ...common,
  };
}
