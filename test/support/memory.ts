/** What memory does while something runs: the most that was in use beyond what there was before, in bytes. */
export interface Growth {
  /** Memory of ArrayBuffers, where everything that comes from a peer is. */
  readonly buffers: number;
  /** All of the process: its threads, the test itself and what is not collected yet included. */
  readonly resident: number;
}

const SAMPLE_MS = 10;

/** Watches this process's memory while `work` runs. */
export async function growthDuring(work: () => Promise<void>): Promise<Growth> {
  const before = process.memoryUsage();
  let buffers = 0;
  let resident = 0;
  const look = () => {
    const now = process.memoryUsage();
    buffers = Math.max(buffers, now.arrayBuffers - before.arrayBuffers);
    resident = Math.max(resident, now.rss - before.rss);
  };
  const timer = setInterval(look, SAMPLE_MS);
  try {
    await work();
    look();
  } finally {
    clearInterval(timer);
  }
  return { buffers, resident };
}
