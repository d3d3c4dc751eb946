import { cpus, loadavg, release, totalmem } from 'node:os';
import { readFile } from 'node:fs/promises';
import type { Machine } from './results.ts';

/** What this runs on, but for the load afterwards. */
export async function describeMachine(): Promise<Omit<Machine, 'loadAfter'>> {
  const processors = cpus();
  return {
    processor: (processors[0]?.model ?? 'unknown processor').trim(),
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${await distribution()}, kernel ${release()}`,
    loadBefore: loadNow(),
    date: new Date().toISOString(),
  };
}

/** Processes that wanted to run, on average over the last minute. */
export function loadNow(): number {
  return loadavg()[0] ?? 0;
}

async function distribution(): Promise<string> {
  try {
    return (
      /^PRETTY_NAME="?([^"\n]*)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? process.platform
    );
  } catch {
    return process.platform;
  }
}
