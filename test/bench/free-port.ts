import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchError } from './bench-error.ts';

/** A port on loopback that nobody has just now, for servers that do not tell which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new BenchError('no port is free');
  return address.port;
}

const PATIENCE_MS = 20_000;

/** Waits until somebody answers at a port. */
export async function answers(port: number, who: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const reached = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (reached) return;
    if (performance.now() > deadline) throw new BenchError(`${who} does not start`);
    await pause(50);
  }
}
