import { formatDeviceId } from '../../../shared/device-id.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { ERRORS } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { snapshotSchema } from '../../../shared/ipc.ts';
import type { AppSnapshot } from '../../../shared/ipc.ts';
import {
  inviteIdSchema,
  newInviteSchema,
  pairingIdSchema,
  pairingViewSchema,
  transferIdSchema,
  transferViewSchema,
} from '../../../shared/views.ts';
import type {
  ErrorView,
  NewInvite,
  PairingView,
  TransferState,
  TransferView,
} from '../../../shared/views.ts';
import { deviceView } from '../../support/device-view.ts';
import { OFFERED, items } from '../../support/offered.ts';

/** What the page is shown in the tests: snapshots and events as the main process would send them. */

const MB = 1_000_000;
const MINUTE = 60_000;

/** A well-formed id made of one repeated byte. */
export function idOf(byte: number): DeviceId {
  return formatDeviceId(new Uint8Array(32).fill(byte));
}

export function errorOf(code: ErrorCode): ErrorView {
  return { code, message: ERRORS[code].message };
}

const now = Date.now();

export const laptop = deviceView(idOf(3), 'Marta’s laptop', { lastSeen: now - 5 * MINUTE });
export const studio = deviceView(idOf(14), 'Studio', {
  accept: 'always',
  into: '/home/ines/Pictures/From the studio',
  lastSeen: now - 26 * 60 * MINUTE,
});
export const hostile = deviceView(
  idOf(77),
  '<img src=x onerror=alert(1)>\u202egnp.exe\u001b[31m' + 'long'.repeat(4),
  { into: '/home/ines/\u202e\u0007' + 'a/very/long/path'.repeat(6) },
);

export function snapshot(parts: Partial<AppSnapshot> = {}): AppSnapshot {
  return snapshotSchema.parse({
    self: { id: idOf(90), name: 'Ines’ desk' },
    port: 50_391,
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

let counter = 0;

export function transfer(
  state: TransferState,
  parts: Partial<Omit<TransferView, 'state' | 'id'>> = {},
): TransferView {
  counter += 1;
  return transferViewSchema.parse({
    id: transferIdSchema.parse(counter.toString(16).padStart(32, '0')),
    direction: 'send',
    device: { id: laptop.id, name: laptop.name },
    items: items('Holiday', 'Notes.md', 'Budget 2027.ods'),
    itemCount: 4,
    totalBytes: 312 * MB,
    totalFiles: 2004,
    totalFolders: 0,
    hiddenCount: 0,
    programCount: 0,
    created: now - counter * MINUTE,
    recorded: true,
    state,
    ...parts,
  });
}

export const offer = transfer(OFFERED, {
  direction: 'receive',
  created: now,
  device: { id: studio.id, name: studio.name },
  itemCount: 9,
});

const outcome = {
  bytes: 312 * MB,
  files: 2004,
  seconds: 12.4,
  resent: [],
  resentCount: 0,
  grown: [],
  grownCount: 0,
  renamed: [],
  renamedCount: 0,
  into: null,
  names: [],
};

/** One transfer in each state it can be in. */
export const everyState: readonly TransferView[] = [
  transfer({
    kind: 'running',
    progress: { bytes: 134 * MB, files: 862, bytesPerSecond: 38 * MB, secondsLeft: 110 },
  }),
  transfer({ kind: 'preparing', files: 12_034, bytes: 3_100 * MB }, { items: items('Photos'), itemCount: 1 }),
  transfer(
    { kind: 'connecting' },
    { items: items('Report.pdf'), itemCount: 1, totalFiles: 1, totalBytes: 2 * MB },
  ),
  transfer(OFFERED, { items: items('Music'), itemCount: 1 }),
  transfer({ kind: 'finishing' }, { direction: 'receive', items: items('Scans'), itemCount: 1 }),
  transfer(
    {
      kind: 'waiting',
      error: errorOf('connection-lost'),
      retryAt: now + 20_000,
      progress: { bytes: 51 * MB, files: 12, bytesPerSecond: 0, secondsLeft: null },
    },
    { items: items('Recordings'), itemCount: 1 },
  ),
  transfer(
    {
      kind: 'paused',
      by: 'peer',
      progress: { bytes: 200 * MB, files: 1500, bytesPerSecond: 0, secondsLeft: null },
    },
    { direction: 'receive', items: items('Letters'), itemCount: 1 },
  ),
  transfer(
    {
      kind: 'done',
      outcome: {
        ...outcome,
        renamed: [{ from: 'Holiday', to: 'Holiday (2)' }],
        renamedCount: 1,
        into: '/home/ines/Downloads',
        names: ['Holiday (2)', 'Notes.md'],
      },
    },
    { direction: 'receive', itemCount: 2, items: items('Holiday', 'Notes.md') },
  ),
  transfer({
    kind: 'incomplete',
    outcome: {
      ...outcome,
      files: 2001,
      resent: ['Holiday/diary.odt'],
      resentCount: 1,
      renamed: [
        { from: 'Holiday', to: 'Holiday (2)' },
        { from: 'Holiday/12:30.jpg', to: 'Holiday (2)/12_30.jpg' },
        { from: 'Holiday/what?.txt', to: 'Holiday (2)/what_.txt' },
      ],
      renamedCount: 104,
    },
    leftOut: {
      skippedCount: 103,
      skipped: [
        { path: 'Holiday/draft.txt', reason: 'changed' },
        { path: 'Holiday/aux.h', reason: 'name-reserved' },
        { path: 'Holiday/shortcut', reason: 'link-outside' },
      ],
    },
  }),
  transfer({ kind: 'declined' }, { items: items('Music'), itemCount: 1 }),
  transfer({ kind: 'cancelled', by: 'peer' }, { direction: 'receive' }),
  transfer({ kind: 'failed', error: errorOf('connection-lost') }, { items: items('disk.img'), itemCount: 1 }),
];

const still = { bytes: 134 * MB, files: 862, bytesPerSecond: 0, secondsLeft: null };
const notBegun = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
const waits = (code: ErrorCode, progress = still): TransferState => ({
  kind: 'waiting',
  error: errorOf(code),
  retryAt: now + 5_000,
  progress,
});
const receive = { direction: 'receive' } as const;

/** Transfers that do not move, for every reason that people meet. */
export const standstills: readonly TransferView[] = [
  transfer({ kind: 'paused', by: 'me', progress: still }, { items: items('Letters'), itemCount: 1 }),
  transfer(
    { kind: 'paused', by: 'peer', progress: still },
    { ...receive, items: items('Scans'), itemCount: 1 },
  ),
  transfer(waits('unreachable'), { items: items('Recordings'), itemCount: 1 }),
  transfer(waits('unreachable', notBegun), {
    items: items('Report.pdf'),
    itemCount: 1,
    totalFiles: 1,
    totalBytes: 2 * MB,
  }),
  transfer(waits('connection-stalled'), { items: items('Music'), itemCount: 1 }),
  transfer(waits('connection-lost'), { ...receive, items: items('Photos'), itemCount: 1 }),
  transfer(waits('no-space'), { ...receive, items: items('disk.img'), itemCount: 1, totalFiles: 1 }),
  transfer(waits('no-space'), { items: items('disk.img'), itemCount: 1, totalFiles: 1 }),
];

export function invite(lifetime = 9 * MINUTE + 41_000): NewInvite {
  const token = 'eyJhbGciOiJFUzI1NiIsInR5cCI6InNlYWxhbmUtaW52aXRlK2p3dCJ9.'.padEnd(760, 'Xy7Qk2mZpL0aBvN4');
  return newInviteSchema.parse({
    id: inviteIdSchema.parse('AbCdEfGhIjKlMnOpQrStUv'),
    state: 'open',
    created: Date.now(),
    expires: Date.now() + lifetime,
    token,
    link: `sealane://pair#${token}`,
  });
}

export function pairing(state: PairingView['state'], parts: Partial<PairingView> = {}): PairingView {
  return pairingViewSchema.parse({
    id: pairingIdSchema.parse('00112233445566ff'),
    role: 'inviter',
    invite: 'A'.repeat(22),
    peerName: laptop.name,
    knownAs: null,
    state,
    ...parts,
  });
}
