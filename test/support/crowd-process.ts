// A thousand strangers, in a process of their own: holds connections to a port and, whenever it loses one, dials again.
// Arguments: port, number of addresses of 127.0.1.0/24 to dial from (0: from 127.0.0.1), bytes of a greeting to begin with.
// Says `here` once all have had their first chance; every line on standard input makes each say one more byte.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const COUNT = 1000;
const REDIAL_MS = 1000;

const [port = 0, addresses = 0, greetingBytes = 0] = process.argv.slice(2).map(Number);
const sockets = new Set<Socket>();
let tried = 0;

/** The beginning of a TLS handshake that announces more than ever comes. */
function greeting(): Uint8Array {
  const bytes = Buffer.alloc(greetingBytes);
  bytes.set([0x16, 3, 1, 0x10, 0, 1, 0, 0x0f, 0xfc, 3, 3].slice(0, greetingBytes));
  return bytes;
}

async function hold(index: number): Promise<void> {
  const localAddress = addresses === 0 ? '127.0.0.1' : `127.0.1.${1 + (index % addresses)}`;
  for (let attempt = 0; ; attempt += 1) {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (greetingBytes > 0) socket.write(greeting());
    if (attempt === 0) {
      socket.on('connect', () => {
        tried += 1;
        if (tried === COUNT) process.stdout.write('here\n');
      });
    }
    await new Promise<void>((resolve) => {
      socket.on('close', () => {
        resolve();
      });
    });
    sockets.delete(socket);
    await sleep(REDIAL_MS);
  }
}

process.stdin.on('data', () => {
  for (const socket of sockets) socket.write('.');
});
for (let index = 0; index < COUNT; index += 1) void hold(index);
