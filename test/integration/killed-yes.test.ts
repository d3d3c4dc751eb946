import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { TransferId } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, endOf, eventOf, pairEngines } from '../support/engines.ts';

const PROGRAM = fileURLToPath(new URL('./fixtures/killed-before-job.ts', import.meta.url));

const bench = new Bench();
afterEach(() => bench.dispose());

interface Scene {
  readonly sender: Engine;
  readonly id: TransferId;
  readonly port: number;
  /** The receiver's profile. */
  readonly profile: string;
  /** Where the yes was to, of which nothing was noted. */
  readonly first: string;
}

/** A letter is sent to a device that is killed behind its yes: the staging folder is made, and nothing says so but its journal. */
async function killedBehindItsYes(): Promise<Scene> {
  const sender = await bench.engine('sender');
  const receiver = await bench.engine('receiver');
  await pairEngines(sender, receiver);
  const { port, self } = receiver.snapshot();
  await receiver.close();
  const [profile, first] = [await bench.folder('receiver-profile'), await bench.folder('first')];
  const file = await bench.folder('letter.txt');
  writeFileSync(file, 'hello');
  mkdirSync(first);
  const child = spawn(process.execPath, [PROGRAM, profile, String(port), first], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const exit = once(child, 'exit');
  const to = { host: '127.0.0.1', port: port ?? 0 };
  const id = await sender.send({ device: self.id, paths: [file], to, whenUnreachable: 'wait' });
  expect(await exit).toEqual([null, 'SIGKILL']);
  const kept = readdirSync(join(profile, 'transfers', id));
  expect(kept).toContain('journal');
  expect(kept).not.toContain('job.json');
  expect(readdirSync(first)).toEqual([expect.stringMatching(/^\.sealane-/)]);
  return { sender, id, port: port ?? 0, profile, first };
}

describe('a device that is killed behind its yes, before that is noted', { timeout: 60_000 }, () => {
  it('receives into the folder of its next yes, and leaves nothing in that of the first', async () => {
    const { id, port, first } = await killedBehindItsYes();
    const second = await bench.folder('second');
    const receiver = await bench.engine('receiver', { listen: { host: '127.0.0.1', port } });
    const offer = await eventOf(receiver, (event) =>
      event.type === 'transfer' && event.transfer.id === id && event.transfer.state.kind === 'offered'
        ? event.transfer.state.offer
        : undefined,
    );
    const end = endOf(receiver, id);
    await receiver.acceptTransfer(id, offer, { into: second });
    expect((await end).state).toMatchObject({ kind: 'done', outcome: { into: second } });
    expect(readdirSync(second)).toEqual(['letter.txt']);
    expect(readdirSync(first)).toEqual([]);
  });

  it('takes away at its next start what it made, when the sender never comes back', async () => {
    const { sender, id, port, profile, first } = await killedBehindItsYes();
    await sender.close();
    await bench.engine('receiver', { listen: { host: '127.0.0.1', port } });
    expect(readdirSync(first)).toEqual([]);
    expect(existsSync(join(profile, 'transfers', id))).toBe(false);
  });
});
