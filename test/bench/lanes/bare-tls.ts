import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateIdentity } from '../../../src-main/engine/identity/identity.ts';
import { projectNode, root } from '../../tools/paths.mjs';
import { Side } from '../side.ts';
import { LANE_NAMES, bothEnd } from './lane.ts';
import type { Lane, LaneContext } from './lane.ts';

/** Two processes, one TLS 1.3 connection with Node's own preferred cipher, no file and no second seal. */

const PROGRAM = join(root, 'test', 'bench', 'programs', 'tls-copy.mjs');

export async function openTlsLane({ folder }: LaneContext): Promise<Lane> {
  const { privateKeyPem, certificatePem } = await generateIdentity();
  const env = { KEY_FILE: join(folder, 'key.pem'), CERTIFICATE_FILE: join(folder, 'certificate.pem') };
  await writeFile(env.KEY_FILE, privateKeyPem, { mode: 0o600 });
  await writeFile(env.CERTIFICATE_FILE, certificatePem);
  return {
    key: 'tls',
    version: `${LANE_NAMES.tls}: Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
    takes: (work) => !work.isFolder,
    run: async (work) => {
      const bytes = String(work.bytes);
      const receive = new Side({ command: [projectNode, PROGRAM, 'receive', bytes], env });
      const port = await receive.line((line) => /^port (\d+)$/.exec(line)?.[1]);
      receive.rest();
      const send = new Side({ command: [projectNode, PROGRAM, 'send', bytes, port] });
      const first = receive.line((line) => (line === 'first' ? performance.now() : undefined));
      const [sent, received] = await bothEnd(send, receive);
      const firstAt = await first;
      return {
        seconds: (Math.max(sent.at, received.at) - send.startedAt) / 1000,
        firstByteSeconds: (firstAt - send.startedAt) / 1000,
        sender: { ...sent.cost, idleBytes: received.cost.idleBytes },
        receiver: received.cost,
        loopDelayMs: null,
        framesPerSecond: null,
        framesAtRest: null,
      };
    },
    close: () => Promise.resolve(),
  };
}
