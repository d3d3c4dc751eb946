import { displayText } from '../shared/display.ts';
import type { ErrorCode } from '../shared/errors.ts';
import type { ErrorView, TransferState, TransferView } from '../shared/views.ts';
import { needText } from '../shared/no-space.ts';
import { hasBegun } from './standing.ts';

/**
 * What a row says while its transfer waits: what is in the way, what could be done about it, and that nobody has to do anything
 * more. No countdown: the next try is always a few seconds away.
 */

interface Circumstances {
  /** The other device's name, escaped. */
  readonly peer: string;
  readonly isSending: boolean;
  readonly hasBegun: boolean;
  /** How much is needed and free, as far as it is known. */
  readonly space: ErrorView['space'];
}

const REASONS: { readonly [Code in ErrorCode]?: (circumstances: Circumstances) => string } = {
  unreachable: ({ peer, isSending, hasBegun }) => {
    const goesOn = isSending && !hasBegun ? 'is sent' : 'goes on';
    const how = `${peer} cannot be reached. Once it is on, with Sealane open, this ${goesOn} by itself.`;
    return isSending ? `${how} If it has moved to another address, enter that in its menu.` : how;
  },
  'connection-lost': ({ peer }) =>
    `The connection to ${peer} was lost. This goes on by itself once it is back.`,
  'connection-stalled': ({ peer }) => `${peer} does not answer. This goes on by itself once it does.`,
  interrupted: ({ peer }) => `Waiting for ${peer}. This goes on by itself.`,
  busy: ({ peer }) => `${peer} is busy. This goes on by itself in a moment.`,
  'offers-open': ({ peer }) =>
    `${peer} has not answered earlier offers of yours, and keeps no more of them. Once some are answered, this is offered by itself.`,
  'too-fast': ({ peer }) =>
    `${peer} does not take so many offers in so short a time. This is offered again by itself in a moment.`,
  'not-receiving': ({ peer }) =>
    `${peer} is only sending at the moment. Once Sealane is open there to receive, this is offered by itself.`,
  'no-space': ({ peer, isSending, space }) =>
    isSending
      ? `${peer} has not enough free space${space === undefined ? '' : `: ${needText(space)}`}. Once there is room, this goes on by itself.`
      : `There is not enough free space here${space === undefined ? '' : `: ${needText(space)}`}. Once you have made room, this goes on by itself.`,
  'destination-unusable': ({ peer, isSending }) =>
    isSending
      ? `${peer} cannot write to its folder for received files. Once it can, this goes on by itself.`
      : 'The folder for received files cannot be written. Once it can, this goes on by itself.',
  'destination-changed': ({ peer, isSending }) =>
    isSending
      ? `The folder for received files on ${peer} was moved or replaced. Sealane tries again by itself.`
      : 'The folder for received files was moved or replaced. Sealane tries again by itself.',
};

/** Why a transfer waits, and that it goes on. */
export function waitingText(
  { device, direction }: Pick<TransferView, 'device' | 'direction'>,
  { error, progress }: Extract<TransferState, { kind: 'waiting' }>,
): string {
  // Which folder it is, and what is wrong with it.
  if (error.folder !== undefined) return `${error.message} Once it can be used, this goes on by itself.`;
  const reason = REASONS[error.code];
  if (reason === undefined) return `${error.message} Sealane tries again by itself.`;
  return reason({
    peer: displayText(device.name),
    isSending: direction === 'send',
    hasBegun: hasBegun(progress),
    space: error.space,
  });
}
