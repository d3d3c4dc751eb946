import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../src-main/engine/index.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, pairEngines } from '../support/engines.ts';
import { sealane } from '../support/sealane-command.ts';

const bench = new Bench();
const engines: Engine[] = [];
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  for (const server of servers.splice(0)) server.close();
  await bench.dispose();
});

/** An engine that listens where it usually does. */
async function usual(): Promise<Engine> {
  const engine = await createEngine({ profile: await bench.folder('usual-profile'), name: 'usual' });
  engines.push(engine);
  await engine.listen();
  return engine;
}

async function closeLast(): Promise<void> {
  await engines.pop()?.close();
}

/** A port that another program listens on. */
async function portOfAnother(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}

const portOf = (engine: Engine): number => engine.snapshot().port ?? 0;

describe('the port of a device', () => {
  it('is the same after a restart', async () => {
    const port = portOf(await usual());
    await closeLast();
    expect(portOf(await usual())).toBe(port);
  });

  it('that another program has taken is no failure: another one is used, said, and kept', async () => {
    const port = portOf(await usual());
    await closeLast();
    const thief = createServer((socket) => socket.destroy());
    servers.push(thief);
    thief.listen(port, '::');
    await once(thief, 'listening');
    const moved = await usual();
    expect(portOf(moved)).not.toBe(port);
    expect(moved.snapshot().notices).toContainEqual({ kind: 'port-changed', port: portOf(moved) });
    const kept = portOf(moved);
    await closeLast();
    expect(portOf(await usual())).toBe(kept);
  });

  it('that was asked for and is taken is an error: no other one is opened in its place', async () => {
    const port = await portOfAnother();
    const profile = await bench.folder('asked-profile');
    const engine = await createEngine({ profile, name: 'asked', listen: { host: '127.0.0.1', port } });
    engines.push(engine);
    await expect(engine.listen()).rejects.toMatchObject({ code: 'listen-failed' });
    expect(engine.snapshot().port).toBeNull();
  });

  it.each([
    ['receive', ['receive']],
    ['send', ['send', 'nobody', import.meta.filename]],
    ['pair', ['pair', 'x']],
  ])('that a command was told to listen on and cannot is said, with the cause: %s', async (_, args) => {
    const port = await portOfAnother();
    const profile = await bench.folder('told-profile');
    const command = [...args, '--profile', profile, '--json', '--listen', `127.0.0.1:${String(port)}`];
    const { code, events } = await sealane(command);
    expect(code).toBe(1);
    const last = events.at(-1);
    expect(last).toMatchObject({ event: 'error', code: 'listen-failed' });
    expect(last?.['message']).toContain(`: 127.0.0.1:${String(port)}. Another program uses this port.`);
  });

  it('stays what others know while a second process serves the same profile for a moment', async () => {
    const server = await usual();
    const port = portOf(server);
    const moment = await usual();
    expect(portOf(moment)).not.toBe(port);
    const { notices } = moment.snapshot();
    expect(notices).toContainEqual({ kind: 'already-running', port });
    expect(notices).not.toContainEqual(expect.objectContaining({ kind: 'port-changed' }));
    const other = await bench.engine('other');
    await pairEngines(other, moment);
    await closeLast();
    const end = new Promise<string>((resolve) => {
      other.subscribe((event) => {
        if (event.type !== 'transfer') return;
        // Reached through what it was told while pairing.
        if (event.transfer.state.kind === 'offered') void other.cancelTransfer(event.transfer.id);
        if (event.transfer.state.kind === 'cancelled') resolve('reached');
        if (event.transfer.state.kind === 'failed') resolve(event.transfer.state.error.code);
      });
    });
    await other.send({ device: server.snapshot().self.id, paths: [import.meta.filename] });
    expect(await end).toBe('reached');
  });
});
