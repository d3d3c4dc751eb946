import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { formatDeviceId } from '../../../../shared/device-id.ts';
import type { DeviceId } from '../../../../shared/device-id.ts';
import { SealaneError } from '../../../../shared/errors.ts';
import { inviteIdSchema, transferIdSchema } from '../../../../shared/views.ts';
import type { InviteId, TransferId, TransferState, TransferView } from '../../../../shared/views.ts';
import type {
  DeviceRecord,
  DeviceStore,
  InviteRecord,
  Store,
} from '../../../../src-main/engine/store/contract.ts';
import { openStore } from '../../../../src-main/engine/store/store.ts';

/** A new folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sealane-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that is closed when the test ends. */
export async function openedStore(profile: string, now: () => number = Date.now): Promise<Store> {
  const store = await openStore({ profile, defaultName: 'laptop', now });
  onTestFinished(() => store.close());
  return store;
}

export type Fixture = ChildProcessByStdio<Writable, Readable, null>;

/** Starts fixtures/NAME.ts as a process of its own, which is killed when the test ends; its errors are shown. */
export function startFixture(name: string, ...args: string[]): Fixture {
  const file = join(import.meta.dirname, 'fixtures', `${name}.ts`);
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Runs a fixture to its end and gives what it printed; throws when it fails. */
export async function runFixture(name: string, ...args: string[]): Promise<string> {
  const child = startFixture(name, ...args);
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`${name} ended with ${String(child.exitCode)}`);
  return output;
}

/** The code a promise rejects with; undefined when it resolves. */
export async function rejectionCode(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof SealaneError) return error.code;
    throw error;
  }
}

export function deviceId(seed: string): DeviceId {
  return formatDeviceId(createHash('sha256').update(seed).digest());
}

export function device(seed: string, change: Partial<DeviceRecord> = {}): DeviceRecord {
  const base = { name: seed, accept: 'ask', into: null, lastSeen: null, paired: 1, addresses: [] } as const;
  return { id: deviceId(seed), ...base, ...change };
}

/** Adds a record as it is, or replaces the one that is there. */
export async function putDevice(devices: DeviceStore, record: DeviceRecord): Promise<void> {
  await devices.put(record.id, () => record);
}

export function inviteId(n: number): InviteId {
  return inviteIdSchema.parse(String(n).padStart(22, 'A'));
}

export function invite(n: number, change: Partial<InviteRecord> = {}): InviteRecord {
  return {
    id: inviteId(n),
    state: 'open',
    created: 0,
    expires: 1000,
    failures: 0,
    tokenHash: 'hash',
    ...change,
  };
}

export function transferId(n: number): TransferId {
  return transferIdSchema.parse(n.toString(16).padStart(32, '0'));
}

/** Transfer number `n`, made at time `n`. */
export function transfer(n: number, state: TransferState, change: Partial<TransferView> = {}): TransferView {
  return {
    id: transferId(n),
    direction: 'send',
    device: { id: deviceId('peer'), name: 'peer' },
    items: [{ name: 'film.mkv', kind: 'file', hidden: false, program: false }],
    itemCount: 1,
    totalBytes: 1000,
    totalFiles: 1,
    totalFolders: 0,
    hiddenCount: 0,
    programCount: 0,
    recorded: true,
    created: n,
    state,
    ...change,
  };
}

export function running(bytes: number): TransferState {
  return { kind: 'running', progress: { bytes, files: 0, bytesPerSecond: 0, secondsLeft: null } };
}
