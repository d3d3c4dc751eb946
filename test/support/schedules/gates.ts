import { AsyncLocalStorage } from 'node:async_hooks';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { Channel } from '../../../src-main/engine/net/channel.ts';
import { TcpTransport } from '../../../src-main/engine/net/tcp-transport.ts';
import { WorkerLink } from '../../../src-main/engine/content/worker-link.ts';

/**
 * Gates at every wait of an engine that ends outside of the program: each call of the file system, of a connection, and of a worker.
 * An engine whose calls are made `within` a keeper asks that keeper before such a call starts and after it has settled, and waits as
 * long as the keeper likes. Nothing is replaced: the call itself is the real one.
 *
 * These waits are all there are. A turn of the event loop begins with one of them settling, and whatever is awaited besides goes on
 * in that same turn, in which nothing else can come between. So a schedule that holds one of them is one that a slow disk, a slow
 * line or a busy processor could bring about, and one that holds an await in between would be none.
 */

export interface Gate {
  /** What is called, on what: `rename job.json.new`, `send accept`. Alike in every run. */
  readonly call: string;
  readonly when: 'before' | 'after';
  /** Whether the call changes something on disk. */
  readonly writes: boolean;
}

export interface Gatekeeper {
  /** Undefined: go on at once. */
  pass(gate: Gate): Promise<void> | undefined;
  /** A call starts, whether it has a gate before it or not. `hasEffect` is false on a connection that has ended. */
  called(gate: { readonly call: string; readonly writes: boolean; readonly hasEffect: boolean }): void;
}

interface Kind {
  readonly nameOf: (self: unknown, args: readonly unknown[]) => string;
  /**
   * Whether the call may be held before it starts. Not where a part of it takes effect at once, as with what is put in a queue: held
   * there, two messages could change places, which no line does.
   */
  readonly before: boolean;
  readonly writes?: (args: readonly unknown[]) => boolean;
}

const current = new AsyncLocalStorage<Gatekeeper | undefined>();

/** Makes a call whose waits, and those of all that follows from it, go through the keeper's gates. */
export function within<T>(keeper: Gatekeeper, call: () => T): T {
  return current.run(keeper, call);
}

/** Makes a call that belongs to the test, from wherever it is made. */
export function outside<T>(call: () => T): T {
  return current.run(undefined, call);
}

async function through(
  keeper: Gatekeeper,
  gate: Omit<Gate, 'when'>,
  before: boolean,
  call: () => unknown,
): Promise<unknown> {
  if (before) await keeper.pass({ ...gate, when: 'before' });
  try {
    return await call();
  } finally {
    await keeper.pass({ ...gate, when: 'after' });
  }
}

function gateMethod(target: object, method: string, { nameOf, before, writes }: Kind): void {
  const original: unknown = Reflect.get(target, method);
  if (typeof original !== 'function') throw new Error(`there is no ${method} to put a gate at`);
  const gated = function (this: unknown, ...args: unknown[]): unknown {
    const keeper = current.getStore();
    const call = (): unknown => Reflect.apply(original, this, args);
    if (keeper === undefined) return call();
    const gate = { call: nameOf(this, args), writes: writes?.(args) ?? false };
    return through(keeper, gate, before, () => {
      keeper.called({ ...gate, hasEffect: !(this instanceof Channel) || this.isOpen });
      return call();
    });
  };
  Reflect.set(target, method, gated);
}

const TRANSFER_ID = /^[0-9a-f]{32}$/;

/** A path as it can be compared between two runs. */
function placeOf(path: unknown): string {
  if (typeof path !== 'string') return '?';
  if (path.startsWith('/proc/')) return 'of a process';
  const name = basename(path);
  if (TRANSFER_ID.test(name)) return 'of a transfer';
  return name.startsWith('.sealane-') ? '.sealane' : name;
}

const READS = ['readFile', 'readdir', 'stat', 'lstat', 'access', 'realpath'];
const WRITES = ['writeFile', 'rename', 'rm', 'mkdir', 'rmdir', 'unlink', 'link', 'chmod'];
const HANDLE_CALLS = ['writeFile', 'write', 'sync', 'datasync', 'read', 'readFile', 'stat', 'truncate'];
const CHANNEL_CALLS = ['send', 'sendFrame', 'expect', 'refuse', 'close'];

const handleNames = new WeakMap<object, string>();

function gateFileSystem(): void {
  for (const method of READS)
    gateMethod(fsPromises, method, { nameOf: (_, [path]) => `${method} ${placeOf(path)}`, before: true });
  for (const method of WRITES) {
    gateMethod(fsPromises, method, {
      nameOf: (_, [path]) => `${method} ${placeOf(path)}`,
      before: true,
      writes: () => true,
    });
  }
  const open = fsPromises.open;
  fsPromises.open = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    handleNames.set(handle, placeOf(path));
    return handle;
  };
  gateMethod(fsPromises, 'open', {
    nameOf: (_, [path]) => `open ${placeOf(path)}`,
    before: true,
    writes: ([, flags]) => flags !== undefined && flags !== 'r',
  });
  syncBuiltinESMExports();
}

/** The methods of a file that is open: their one prototype is found through any such file. */
async function gateFileHandles(): Promise<void> {
  const handle = await fsPromises.open(new URL(import.meta.url), 'r');
  const prototype: unknown = Object.getPrototypeOf(handle);
  await handle.close();
  if (typeof prototype !== 'object' || prototype === null) throw new Error('an open file has no methods');
  for (const method of HANDLE_CALLS) {
    gateMethod(prototype, method, {
      nameOf: (self) =>
        `${method} ${(typeof self === 'object' && self !== null && handleNames.get(self)) || '?'}`,
      before: true,
      writes: () => method.startsWith('write') || method === 'truncate',
    });
  }
}

function nameOfRequest([request]: readonly unknown[]): string {
  const kind: unknown =
    typeof request === 'object' && request !== null ? Reflect.get(request, 'kind') : undefined;
  return `worker ${String(kind)}`;
}

function gateEngine(): void {
  for (const method of CHANNEL_CALLS) {
    gateMethod(Channel.prototype, method, {
      nameOf: (_, args) => [method, ...args.filter((each) => typeof each === 'string')].join(' '),
      before: false,
    });
  }
  gateMethod(WorkerLink.prototype, 'request', { nameOf: (_, args) => nameOfRequest(args), before: false });
  gateMethod(TcpTransport.prototype, 'dial', { nameOf: () => 'dial', before: true });
  gateMethod(TcpTransport.prototype, 'listen', { nameOf: () => 'listen', before: true });
}

/** Waits of this and more are the ones that only keep a device from being asked too often. */
const PATIENCE_MS = 30_000;
const HASTE = 30;

/**
 * The longest waits of an engine, by which it asks a peer once more whose word may have been lost, take a thirtieth. That such a
 * wait ends early is a schedule like any other.
 */
function hurryPatience(): void {
  const original = globalThis.setTimeout;
  const hurried = (run: () => void, ms?: number): NodeJS.Timeout => {
    const isPatient = ms !== undefined && ms >= PATIENCE_MS && current.getStore() !== undefined;
    return original(run, isPatient ? ms / HASTE : ms);
  };
  Reflect.set(globalThis, 'setTimeout', Object.assign(hurried, original));
}

gateFileSystem();
await gateFileHandles();
gateEngine();
hurryPatience();
