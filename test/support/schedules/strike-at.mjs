// `node --import "strike-at.mjs?thread=main&at=17&signal=SIGKILL" PROGRAM`: sends the signal to the program itself before the 17th
// (from 1) of the calls by which that kind of thread changes files of a transfer, or, with `reads=yes`, looks at them, or, with
// `sockets=yes`, says something to a peer. With `from=FILE` it counts from when that file is there. With `count=FILE` it strikes at
// nothing, and adds a byte to FILE.main or FILE.worker for each such call.
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { TLSSocket } from 'node:tls';
import { isMainThread } from 'node:worker_threads';

const wanted = new URL(import.meta.url).searchParams;
const thread = isMainThread ? 'main' : 'worker';
const at = wanted.get('thread') === thread ? Number(wanted.get('at')) : Infinity;
const signal = wanted.get('signal') ?? 'SIGKILL';
const countFile = wanted.get('count');
const counter = countFile === null ? undefined : fs.openSync(`${countFile}.${thread}`, 'a');
const fromFile = wanted.get('from');
const { writeSync, existsSync } = fs;

// The main thread changes other files long before there is a transfer.
let isAtWork = !isMainThread;
let calls = 0;

/** @param {readonly unknown[]} args */
const isOfTransfer = (args) =>
  args.some((arg) => typeof arg === 'string' && /[\\/]transfers([\\/]|$)/.test(arg));

let isBegun = fromFile === null;
function hasBegun() {
  isBegun ||= fromFile === null || existsSync(fromFile);
  return isBegun;
}

/** @param {readonly unknown[]} args */
function step(args) {
  if (isOfTransfer(args)) isAtWork = true;
  if (!isAtWork || !hasBegun()) return;
  calls += 1;
  if (counter !== undefined) writeSync(counter, '.');
  if (calls === at) process.kill(process.pid, signal);
}

/** @param {object} target @param {string} method @param {(args: readonly unknown[]) => boolean} changes */
function watch(target, method, changes = () => true) {
  const original = Reflect.get(target, method);
  /** @this {unknown} @param {readonly unknown[]} args */
  const watched = function (...args) {
    if (changes(args)) step(args);
    return Reflect.apply(original, this, args);
  };
  Reflect.set(target, method, Object.assign(watched, original));
}

/** @param {readonly unknown[]} args */
const opensToWrite = ([, flags]) =>
  typeof flags === 'number'
    ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) !== 0
    : flags !== undefined && flags !== 'r';

const handle = await fsPromises.open(new URL(import.meta.url), 'r');
const handles = Object.getPrototypeOf(handle);
await handle.close();

for (const method of ['writeFile', 'rename', 'rm', 'mkdir', 'rmdir', 'unlink', 'link'])
  watch(fsPromises, method);
watch(fsPromises, 'open', opensToWrite);
for (const method of ['writeFile', 'write', 'sync']) watch(handles, method);
for (const method of [
  'write',
  'rename',
  'mkdir',
  'rmdir',
  'unlink',
  'link',
  'fsync',
  'ftruncate',
  'rm',
  'writeFile',
])
  watch(fs, `${method}Sync`);
watch(fs, 'openSync', opensToWrite);
if (wanted.has('reads'))
  for (const method of ['readFile', 'readdir', 'stat']) watch(fsPromises, method, isOfTransfer);
if (wanted.has('sockets')) watch(TLSSocket.prototype, 'write');
syncBuiltinESMExports();
