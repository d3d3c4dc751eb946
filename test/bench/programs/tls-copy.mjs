// The limit for anything on TLS in Node: one process writes the same memory over and over, another throws it away.
//   node tls-copy.mjs receive BYTES            prints the port; KEY_FILE and CERTIFICATE_FILE in the environment
//   node tls-copy.mjs send BYTES PORT
import { readFileSync } from 'node:fs';
import tls from 'node:tls';

const CHUNK_BYTES = 512 * 1024;
/** As in the product: a writer waits while more than this is not yet taken by the system. */
const MAX_UNFLUSHED_BYTES = 2 * 1024 * 1024;

const [role, total = '0', port = '0'] = process.argv.slice(2);
const bytes = Number(total);
const versions = /** @type {const} */ ({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });

/** @param {string} name */
const file = (name) => readFileSync(process.env[name] ?? '');

function receive() {
  const server = tls.createServer(
    { ...versions, key: file('KEY_FILE'), cert: file('CERTIFICATE_FILE') },
    (socket) => {
      let received = 0;
      socket.on('data', (/** @type {Buffer} */ data) => {
        if (received === 0) process.stdout.write('first\n');
        received += data.length;
      });
      socket.on('end', () => {
        process.stdout.write(`received ${received}\n`);
        socket.end();
        server.close();
      });
    },
  );
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`port ${typeof address === 'object' ? address?.port : ''}\n`);
  });
}

async function send() {
  const chunk = Buffer.alloc(CHUNK_BYTES, 'noise, as far as TLS can tell ');
  const socket = tls.connect({
    ...versions,
    host: '127.0.0.1',
    port: Number(port),
    rejectUnauthorized: false,
  });
  await new Promise((resolve) =>
    socket.once('secureConnect', () => {
      resolve(undefined);
    }),
  );
  process.stdout.write(`cipher ${socket.getCipher().standardName}\n`);
  socket.setNoDelay(true);
  socket.resume();
  /** @type {() => void} */
  let wake = () => undefined;
  for (let left = bytes; left > 0; left -= chunk.length) {
    socket.write(left < chunk.length ? chunk.subarray(0, left) : chunk, () => {
      wake();
    });
    while (socket.writableLength > MAX_UNFLUSHED_BYTES) {
      await new Promise((resolve) => {
        wake = () => {
          resolve(undefined);
        };
      });
    }
  }
  socket.end();
}

if (role === 'receive') receive();
else await send();
