import { formatDeviceId } from '../../../shared/device-id.ts';
import {
  transferIdSchema,
  type EngineEvent,
  type Outcome,
  type TransferState,
  type TransferView,
} from '../../../shared/views.ts';
import { items } from '../../support/offered.ts';

export const deviceId = formatDeviceId(new Uint8Array(32).fill(7));

export function transferId(number: number) {
  return transferIdSchema.parse(number.toString(16).padStart(32, '0'));
}

export function outcome(change: Partial<Outcome> = {}): Outcome {
  return {
    bytes: 10,
    files: 2,
    seconds: 1,
    resent: [],
    resentCount: 0,
    grown: [],
    grownCount: 0,
    renamed: [],
    renamedCount: 0,
    into: null,
    names: [],
    ...change,
  };
}

export function running(bytes: number): TransferState {
  return { kind: 'running', progress: { bytes, files: 0, bytesPerSecond: 1, secondsLeft: null } };
}

export function transfer(state: TransferState, change: Partial<TransferView> = {}): TransferView {
  return {
    id: transferId(1),
    direction: 'receive',
    device: { id: deviceId, name: 'Ada' },
    items: items('Holiday'),
    itemCount: 1,
    totalBytes: 1_500_000,
    totalFiles: 2,
    totalFolders: 0,
    hiddenCount: 0,
    programCount: 0,
    created: 0,
    recorded: true,
    state,
    ...change,
  };
}

export function transferEvent(state: TransferState, change: Partial<TransferView> = {}): EngineEvent {
  return { type: 'transfer', transfer: transfer(state, change) };
}
