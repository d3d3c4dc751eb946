import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import { Bench, acceptOffer, endOf, offerTo, pairEngines, sendAndAccept } from '../support/engines.ts';
import { growthDuring } from '../support/memory.ts';
import { RawPeer } from '../support/raw-peer.ts';

/** A thousand connections from nobody that this device knows, and a device that it does know in the midst of them. */

const MIB = 1024 * 1024;

/** Where a crowd dials from, and with how much of a greeting. */
interface Manner {
  /** 0: from the address that paired devices have in these tests, too. */
  readonly addresses: number;
  readonly greetingBytes: number;
}

/** A thousand strangers that hold connections; resolves once all have dialled. */
async function crowdAround(engine: Engine, { addresses, greetingBytes }: Manner): Promise<Crowd> {
  const script = fileURLToPath(new URL('../support/crowd-process.ts', import.meta.url));
  const numbers = [engine.snapshot().port ?? 0, addresses, greetingBytes].map(String);
  const child = spawn(process.execPath, [script, ...numbers], { stdio: ['pipe', 'pipe', 'inherit'] });
  crowds.push(child);
  await once(child.stdout, 'data');
  return child;
}

type Crowd = ChildProcessByStdio<Writable, Readable, null>;
const crowds: Crowd[] = [];
const bench = new Bench();
afterEach(async () => {
  for (const crowd of crowds.splice(0)) crowd.kill('SIGKILL');
  await bench.dispose();
});

const manners: readonly (readonly [string, Manner])[] = [
  ['that say nothing, from the address of the device itself', { addresses: 0, greetingBytes: 0 }],
  ['that say half a greeting, from the address of the device itself', { addresses: 0, greetingBytes: 400 }],
  ['that say nothing, from 250 addresses', { addresses: 250, greetingBytes: 0 }],
];

describe('CVE-2022-21689 (OnionShare), slow loris: a thousand connections', () => {
  it.each(manners)('%s: a paired device gets through, and memory is bounded', async (_what, manner) => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const growth = await growthDuring(async () => {
      const crowd = await crowdAround(receiver, manner);
      for (let round = 0; round < 2; round += 1) {
        const id = await sender.send({
          device: receiver.snapshot().self.id,
          paths: [source],
          whenUnreachable: 'wait',
        });
        const end = endOf(receiver, id);
        await acceptOffer(receiver, await offerTo(receiver, id));
        expect((await end).state.kind).toBe('done');
        crowd.stdin.write('\n');
      }
    });
    expect(growth.resident).toBeLessThan(256 * MIB);
    expect(growth.buffers).toBeLessThan(64 * MIB);
  });

  it('that say nothing keep nobody from pairing, at the very same address', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    await crowdAround(inviter, { addresses: 0, greetingBytes: 0 });
    await pairEngines(inviter, invitee);
  });

  it('with keys that nobody knows are each refused, and no key of a paired device with them', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const port = receiver.snapshot().port ?? 0;
    const stranger = await generateIdentity();
    const knock = async (): Promise<string> => {
      const peer = await RawPeer.dial(port, ALPN_TRANSFER, stranger).catch(() => undefined);
      return (await peer?.ending()) ?? 'closed';
    };
    const knocks = Array.from({ length: 100 }, knock);
    const { received } = await sendAndAccept(sender, receiver, [source]);
    expect(received.state.kind).toBe('done');
    const endings = new Set(await Promise.all(knocks));
    endings.delete('closed');
    expect([...endings]).toEqual(['not-trusted']);
  });
});
