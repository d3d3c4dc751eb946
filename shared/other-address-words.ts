import { displayText } from './display.ts';
import type { MissedCause, OtherAddressView } from './views.ts';

/** What is said of a device that was reached, but not where its user said that it is. */

const CAUSES: Readonly<Record<MissedCause, string>> = {
  refused: 'nothing listens there',
  silent: 'there was no answer from there in time',
  'unknown-host': 'no computer of this name is known',
  unreachable: 'no connection came about',
  'other-device': 'another device answered there',
  'not-sealane': 'what answered there is not Sealane',
};

/** `Bob was not reached at HOST:PORT: …` The device's name and the addresses come out escaped. */
export function otherAddressText({ device, given, cause, reached }: OtherAddressView): string {
  const missed = `${displayText(device.name)} was not reached at ${displayText(given)}: ${CAUSES[cause]}.`;
  return `${missed} It was reached at ${displayText(reached)}, and this is sent there.`;
}
