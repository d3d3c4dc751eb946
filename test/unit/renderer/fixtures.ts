import { formatDeviceId } from '../../../shared/device-id.ts';
import { snapshotSchema } from '../../../shared/ipc.ts';
import type { AppSnapshot } from '../../../shared/ipc.ts';
import {
  newInviteSchema,
  pairingViewSchema,
  transferIdSchema,
  transferViewSchema,
} from '../../../shared/views.ts';
import type { NewInvite, PairingView, TransferState, TransferView } from '../../../shared/views.ts';
import { items } from '../../support/offered.ts';

/** Small valid pieces of what the main process sends. */

export const deskId = formatDeviceId(new Uint8Array(32).fill(1));
export const laptopId = formatDeviceId(new Uint8Array(32).fill(2));

export function snapshot(parts: Partial<AppSnapshot> = {}): AppSnapshot {
  return snapshotSchema.parse({
    self: { id: deskId, name: 'Desk' },
    port: null,
    downloads: '/home/ines/Downloads',
    devices: [],
    invites: [],
    pairings: [],
    transfers: [],
    notices: [],
    version: '0.1.0',
    ...parts,
  });
}

export function transfer(
  state: TransferState,
  parts: Partial<Omit<TransferView, 'state'>> = {},
): TransferView {
  return transferViewSchema.parse({
    id: '0'.repeat(32),
    direction: 'send',
    device: { id: laptopId, name: 'Laptop' },
    items: items('Holiday'),
    itemCount: 4,
    totalBytes: 312_000_000,
    totalFiles: 2004,
    totalFolders: 0,
    hiddenCount: 0,
    programCount: 0,
    created: 1_000,
    recorded: true,
    state,
    ...parts,
  });
}

/** The transfer id that ends in `digit`. */
export function transferId(digit: number): TransferView['id'] {
  return transferIdSchema.parse(String(digit).padStart(32, '0'));
}

export function running(bytes: number, files = 0): TransferState {
  return { kind: 'running', progress: { bytes, files, bytesPerSecond: 1_000_000, secondsLeft: 90 } };
}

export function pairing(state: PairingView['state'], parts: Partial<PairingView> = {}): PairingView {
  return pairingViewSchema.parse({
    id: 'a'.repeat(16),
    role: 'inviter',
    invite: 'A'.repeat(22),
    peerName: 'Laptop',
    knownAs: null,
    state,
    ...parts,
  });
}

export function invite(parts: Partial<NewInvite> = {}): NewInvite {
  return newInviteSchema.parse({
    id: 'A'.repeat(22),
    state: 'open',
    created: 0,
    expires: 600_000,
    token: 'token',
    link: 'sealane://pair#token',
    ...parts,
  });
}

/** How a transfer of everything ends, on the sender's side. */
export const outcome = {
  bytes: 312_000_000,
  files: 2004,
  seconds: 12,
  resent: [],
  resentCount: 0,
  grown: [],
  grownCount: 0,
  renamed: [],
  renamedCount: 0,
  into: null,
  names: [],
};
