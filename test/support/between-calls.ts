import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';

/** Calls of the file system that are asked about, or open, something by its path or descriptor. */
const CALLS = [
  'lstatSync',
  'statSync',
  'openSync',
  'opendirSync',
  'fstatSync',
  'readlinkSync',
  'accessSync',
] as const;

/** Calls `onCall` before each of these calls while `work` runs. The calls are real. */
export function betweenCalls<T>(onCall: () => void, work: () => T): T {
  const { native } = fs.realpathSync;
  const kept: Record<string, unknown> = {};
  let isInside = false;
  const before = (): void => {
    if (isInside) return;
    isInside = true;
    try {
      onCall();
    } finally {
      isInside = false;
    }
  };
  const watch = (call: unknown): unknown => {
    if (typeof call !== 'function') throw new TypeError('no function');
    return (...args: readonly unknown[]): unknown => {
      before();
      return Reflect.apply(call, fs, args);
    };
  };
  const restore = (): void => {
    Object.assign(fs, kept);
    Object.assign(fs.realpathSync, { native });
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  for (const name of CALLS) kept[name] = fs[name];
  for (const name of CALLS) Object.assign(fs, { [name]: watch(kept[name]) });
  Object.assign(fs.realpathSync, { native: watch(native) });
  syncBuiltinESMExports();
  try {
    return work();
  } finally {
    restore();
  }
}
