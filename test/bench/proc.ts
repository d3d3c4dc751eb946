import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

/** What Linux tells about processes (proc(5)). A process that is gone has no figures: undefined, never a throw. */

/** Length of a tick in /proc/PID/stat, in seconds. Linux shows 100 of them a second to programs on every system we know. */
const TICK_SECONDS = 0.01;

export interface ProcessTimes {
  readonly parent: number;
  /** Seconds on a processor by the process itself. */
  readonly own: number;
  /** The same by its children that have ended and were waited for, and theirs. */
  readonly children: number;
}

/** Reads /proc/PID/stat. */
export function readTimes(pid: number | 'self'): ProcessTimes | undefined {
  const text = read(`/proc/${String(pid)}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** `text` as in /proc/PID/stat; the program's name may hold spaces and parentheses. Undefined for anything else. */
export function parseStat(text: string): ProcessTimes | undefined {
  const end = text.lastIndexOf(')');
  if (end === -1) return undefined;
  const fields = text
    .slice(end + 2)
    .split(' ')
    .map(Number);
  const [parent = NaN, user = NaN, system = NaN, childUser = NaN, childSystem = NaN] = [
    1, 11, 12, 13, 14,
  ].map((index) => fields[index]);
  const times = {
    parent,
    own: (user + system) * TICK_SECONDS,
    children: (childUser + childSystem) * TICK_SECONDS,
  };
  return Object.values(times).some(Number.isNaN) ? undefined : times;
}

/** `pid` and everything below it that runs now. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const child = Number(name);
    const parent = readTimes(child)?.parent;
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

export interface ProcessMemory {
  /** Bytes of memory now, shared pages included. */
  readonly now: number;
  /** The most there ever was, or since `forgetPeak`. */
  readonly peak: number;
}

/** Reads VmRSS and VmHWM. */
export function readMemory(pid: number): ProcessMemory | undefined {
  const text = read(`/proc/${String(pid)}/status`);
  const now = /^VmRSS:\s+(\d+) kB$/m.exec(text ?? '')?.[1];
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(text ?? '')?.[1];
  return now === undefined || peak === undefined
    ? undefined
    : { now: Number(now) * 1024, peak: Number(peak) * 1024 };
}

/** From here on a process's peak is counted anew. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
  } catch {
    // Gone, or a kernel without it: then the peak is that of its whole life, which is no less.
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
