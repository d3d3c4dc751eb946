import { readFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERRORS } from '../../shared/errors.ts';
import { KEY_FILE, loadIdentity } from '../../src-main/engine/identity/key-file.ts';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';
import type { CliEvent, Ended } from '../support/sealane-command.ts';
import { listTree, makeTree, namesIn } from '../support/tree.ts';

/** The real command as processes of its own, two profiles, loopback, real files: what scripts see. */

const TIMEOUT = 120_000;

let folder = '';
let paired: Awaited<ReturnType<typeof pair>>;
const running: SealaneCommand[] = [];

const profile = (name: string) => ['--profile', join(folder, name), '--json'];
const listening = (name: string, port = 0) => ['--listen', `127.0.0.1:${String(port)}`, ...profile(name)];

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  running.push(command);
  return command;
}

const text = (event: CliEvent, field: string): string => z.string().parse(event[field]);
const number = (event: CliEvent, field: string): number => z.number().parse(event[field]);

const ids = new Map<string, string>();
async function idOf(name: string): Promise<string> {
  const id = ids.get(name) ?? text(last(await sealane(['id', ...profile(name)])), 'id');
  ids.set(name, id);
  return id;
}

function last(ended: Ended): CliEvent {
  return ended.events.at(-1) ?? { event: 'none' };
}

/** Pairs two profiles: `invite --yes` on one, `pair - --yes` on the other. */
async function pair(inviter: string, invitee: string, inviteePort = 0) {
  const invite = start('invite', '--yes', ...listening(inviter));
  const { link } = await invite.event('invite');
  const other = start('pair', '-', '--yes', ...listening(invitee, inviteePort));
  other.child.stdin.write(`${z.string().parse(link)}\n`);
  return { invite, pair: other, ends: await Promise.all([invite.ended, other.ended]) };
}

/** Starts `receive` on a profile; resolves with it and where it can be dialled. */
async function receiver(name: string, ...flags: readonly string[]) {
  const command = start('receive', ...flags, ...listening(name));
  const ready = await command.event('ready');
  return { command, to: `127.0.0.1:${String(number(ready, 'port'))}` };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return z.object({ port: z.number() }).parse(address).port;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-cli-'));
  await makeTree(join(folder, 'Holiday'));
  paired = await pair('desk', 'laptop');
}, TIMEOUT);
afterEach(() => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A slow machine with other suites beside this one takes a second to start a process. */
const slowly = { timeout: TIMEOUT };

describe('sealane id', slowly, () => {
  it('is the same each time, and another for another profile', async () => {
    const desk = await idOf('desk');
    expect(desk).toMatch(/^([A-Z2-7]{4}-){13}[A-Z2-7]$/);
    expect((await sealane(['id', ...profile('desk')])).events).toMatchObject([{ event: 'id', id: desk }]);
    expect(await idOf('laptop')).not.toBe(desk);
  });

  it('names the device, for itself and for those that pair with it from then on', async () => {
    const named = await sealane(['id', '--name', 'Living room', ...profile('named')]);
    expect(named).toMatchObject({ code: 0, events: [{ event: 'id', name: 'Living room' }] });
    expect((await sealane(['id', ...profile('named')])).events).toEqual(named.events);
    const { ends } = await pair('named', 'guest');
    for (const { code } of ends) expect(code).toBe(0);
    const { events } = await sealane(['devices', ...profile('guest')]);
    expect(events).toMatchObject([{ event: 'device', name: 'Living room' }]);
  });

  it('says where the key is when the desktop app has put it into a keychain', async () => {
    const protector = {
      name: 'safe-storage/keychain',
      protect: (plain: Uint8Array) => Promise.resolve(plain.map((byte) => byte ^ 90)),
      unprotect: (sealed: Uint8Array) => Promise.resolve(sealed.map((byte) => byte ^ 90)),
    };
    await loadIdentity(join(folder, 'locked', KEY_FILE), protector);
    const { code, events } = await sealane(['id', ...profile('locked')]);
    expect(code).toBe(1);
    expect(events).toEqual([{ event: 'error', code: 'key-locked', message: ERRORS['key-locked'].message }]);
  });
});

describe('sealane invite and pair', slowly, () => {
  it('show the same code, and each device then knows the other', async () => {
    const { invite, pair: other, ends } = paired;
    for (const { code, stderr } of ends) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const code = await invite.event('code');
    expect(await other.event('code')).toEqual(code);
    expect(code['code']).toMatch(/^\d{3} \d{3}$/);
    const [desk, laptop] = [await idOf('desk'), await idOf('laptop')];
    expect(await invite.event('paired')).toMatchObject({ device: { id: laptop } });
    expect(await other.event('paired')).toMatchObject({ device: { id: desk } });
    const { events } = await sealane(['devices', ...profile('desk')]);
    expect(events).toMatchObject([{ event: 'device', id: laptop, accept: 'ask', into: null }]);
    // It was good for one device.
    expect((await sealane(['invites', ...profile('desk')])).events).toEqual([]);
  });

  it('keep the secret out of what other users can see', async () => {
    const invite = start('invite', ...listening('desk'));
    const { link, token } = await invite.event('invite');
    const other = start('pair', '-', ...listening('third'));
    other.child.stdin.write(`${z.string().parse(link)}\n`);
    await other.event('code');
    for (const { child } of [invite, other]) {
      const seen = await Promise.all(
        ['cmdline', 'environ']
          .map((file) => readFile(`/proc/${String(child.pid)}/${file}`, 'utf8'))
          .map((read) => read.catch(() => '')),
      );
      for (const part of [...child.spawnargs, ...seen])
        expect(part).not.toContain(z.string().parse(token).slice(-40));
    }
  });

  it('take nobody to ask for a no on either side', async () => {
    const invite = start('invite', ...listening('desk'));
    const { link } = await invite.event('invite');
    const other = await sealane(['pair', '-', ...listening('third')], `${z.string().parse(link)}\n`);
    expect(other.code).toBe(5);
    expect(other.events.at(-1)).toMatchObject({ event: 'error', code: 'code-mismatch' });
    expect((await invite.ended).code).toBe(5);
    expect((await sealane(['devices', ...profile('third')])).events).toEqual([]);
  });

  it('end on Ctrl-C; the invite can be listed and withdrawn afterwards, and then is no good', async () => {
    const invite = start('invite', ...listening('desk'));
    const made = await invite.event('invite');
    invite.child.kill('SIGINT');
    const { code, events, stderr } = await invite.ended;
    expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'pairing-cancelled' });

    const id = text(made, 'id');
    const listed = await sealane(['invites', ...profile('desk')]);
    expect(listed.events).toMatchObject([{ event: 'invite', id, state: 'open' }]);
    expect(listed.stdout).not.toContain(text(made, 'token').slice(-40));
    const revoked = await sealane(['invites', 'revoke', id, ...profile('desk')]);
    expect(revoked).toMatchObject({ code: 0, events: [{ event: 'invite', id, state: 'revoked' }] });
    expect((await sealane(['invites', ...profile('desk')])).events).toEqual([]);
    expect((await sealane(['invites', 'revoke', id, ...profile('desk')])).code).toBe(2);
  });

  it('ends a waiting invite that is withdrawn by another process', async () => {
    const invite = start('invite', ...listening('desk'));
    const made = await invite.event('invite');
    expect((await sealane(['invites', 'revoke', text(made, 'id'), ...profile('desk')])).code).toBe(0);
    const { code, events } = await invite.ended;
    expect(code).toBe(1);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'invite-revoked' });
  });

  it('end when the time is over', async () => {
    const { code, events } = await sealane(['invite', '--expires', '1s', ...listening('desk')]);
    expect(code).toBe(1);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'invite-expired' });
  });

  it('name what is no invite', async () => {
    const { code, events } = await sealane(['pair', '-', ...profile('laptop')], 'hello\n');
    expect(code).toBe(1);
    expect(events).toMatchObject([{ event: 'error', code: 'invite-malformed' }]);
  });
});

describe('sealane send and receive', slowly, () => {
  it('bring a folder across, byte for byte', async () => {
    const into = join(folder, 'inbox');
    const { command, to } = await receiver('laptop', '--once', '--into', into, '--accept', 'always');
    const device = (await idOf('laptop')).slice(0, 9);
    const sent = await sealane(['send', device, join(folder, 'Holiday'), '--to', to, ...profile('desk')]);
    const received = await command.ended;
    expect([sent.code, received.code, sent.stderr + received.stderr]).toEqual([0, 0, '']);
    expect(await listTree(join(into, 'Holiday'))).toEqual(await listTree(join(folder, 'Holiday')));

    const [offer] = sent.events;
    const transfer = offer?.['transfer'];
    const items = [{ name: 'Holiday', kind: 'folder' }];
    expect(offer).toMatchObject({ event: 'offer', direction: 'send', items, itemCount: 1 });
    for (const { events, place } of [
      { ...sent, place: null },
      { ...received, place: into },
    ]) {
      const done = events.at(-1);
      expect(done).toMatchObject({ event: 'done', transfer, files: 54, into: place });
      expect(number(done ?? { event: '' }, 'seconds')).toBeGreaterThan(0);
      expect(events.filter(({ event }) => event === 'progress').length).toBeGreaterThan(0);
    }
    for (const name of ['desk', 'laptop']) {
      const { events } = await sealane(['transfers', ...profile(name)]);
      expect(events[0]).toMatchObject({ event: 'transfer', transfer, state: 'done', files: 54 });
    }
  });

  it('follow what is set for the device, and the options outrank it', async () => {
    const desk = await idOf('desk');
    const own = join(folder, 'from-desk');
    const set = await sealane([
      'devices',
      'set',
      desk,
      '--accept',
      'always',
      '--into',
      own,
      '--name',
      'Desk',
      ...profile('laptop'),
    ]);
    expect(set).toMatchObject({
      code: 0,
      events: [{ event: 'device', id: desk, name: 'Desk', accept: 'always', into: own }],
    });

    const first = await receiver('laptop', '--once');
    const laptop = await idOf('laptop');
    const source = join(folder, 'Holiday', 'empty.txt');
    expect((await sealane(['send', laptop, source, '--to', first.to, ...profile('desk')])).code).toBe(0);
    expect((await first.command.ended).code).toBe(0);
    expect(await namesIn(own)).toEqual(['empty.txt']);

    const elsewhere = join(folder, 'elsewhere');
    const second = await receiver('laptop', '--once', '--into', elsewhere);
    expect((await sealane(['send', laptop, source, '--to', second.to, ...profile('desk')])).code).toBe(0);
    expect(await second.command.ended).toMatchObject({ code: 0 });
    expect(await namesIn(elsewhere)).toEqual(['empty.txt']);

    const third = await receiver('laptop', '--once', '--accept', 'never');
    expect((await sealane(['send', laptop, source, '--to', third.to, ...profile('desk')])).code).toBe(3);
    expect((await third.command.ended).code).toBe(3);
    const reset = await sealane([
      'devices',
      'set',
      'Desk',
      '--accept',
      'ask',
      '--no-into',
      ...profile('laptop'),
    ]);
    expect(reset.events).toMatchObject([{ accept: 'ask', into: null }]);
  });

  it('end with 3 on both sides when nobody is there to ask, and nothing is written', async () => {
    const into = join(folder, 'declined');
    const { command, to } = await receiver('laptop', '--once', '--into', into);
    const sent = await sealane([
      'send',
      await idOf('laptop'),
      join(folder, 'Holiday'),
      '--to',
      to,
      ...profile('desk'),
    ]);
    expect(sent.code).toBe(3);
    expect(sent.events.at(-1)).toMatchObject({ event: 'error', code: 'declined' });
    const received = await command.ended;
    expect(received.code).toBe(3);
    expect(received.events.at(-1)).toMatchObject({ event: 'error', code: 'declined' });
    expect(await namesIn(into)).toEqual([]);
  });

  it('end with 4 when nobody answers', async () => {
    const to = `127.0.0.1:${String(await closedPort())}`;
    const { code, events } = await sealane([
      'send',
      await idOf('laptop'),
      folder,
      '--to',
      to,
      ...profile('desk'),
    ]);
    expect(code).toBe(4);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'unreachable' });
  });

  it('find a device where it listened before; end with 5 once it has forgotten this one, or this one never knew it', async () => {
    const port = await closedPort();
    await pair('first', 'second', port);
    const [first, second] = [await idOf('first'), await idOf('second')];

    // They told each other where they listen.
    const place = ['--into', join(folder, 'second'), ...listening('second', port)];
    const known = start('receive', '--once', '--accept', 'always', ...place);
    await known.event('ready');
    const found = await sealane(['send', second, join(folder, 'Holiday', 'empty.txt'), ...profile('first')]);
    expect([found.code, (await known.ended).code]).toEqual([0, 0]);

    expect((await sealane(['devices', 'forget', first, ...profile('second')])).code).toBe(0);
    const { command, to } = await receiver('second', '--accept', 'always');
    const sent = await sealane(['send', second, join(folder, 'Holiday'), '--to', to, ...profile('first')]);
    expect(sent.code).toBe(5);
    expect(sent.events.at(-1)).toMatchObject({ event: 'error', code: 'not-trusted' });
    const unknown = await sealane(['send', await idOf('desk'), folder, ...profile('second')]);
    expect(unknown).toMatchObject({ code: 5, events: [{ event: 'error', code: 'device-unknown' }] });
    command.child.kill('SIGTERM');
    const idle = await command.ended;
    expect({ code: idle.code, stderr: idle.stderr }).toEqual({ code: 0, stderr: '' });
    expect(idle.events.map(({ event }) => event)).toEqual(['ready']);
  });

  it.each(['send', 'receive'] as const)(
    'end with 6 on both sides when %s is interrupted, and nothing stays',
    async (side) => {
      const source = join(folder, `big-${side}`);
      await mkdir(source);
      await writeFile(join(source, 'zeros'), '');
      await truncate(join(source, 'zeros'), 4 * 1024 ** 3);
      const into = join(folder, `cancelled-${side}`);
      const receive = await receiver('laptop', '--once', '--into', into, '--accept', 'always');
      const send = start('send', await idOf('laptop'), source, '--to', receive.to, ...profile('desk'));
      await Promise.all([send.event('progress'), receive.command.event('progress')]);
      (side === 'send' ? send : receive.command).child.kill('SIGINT');
      for (const { code, events, stderr } of await Promise.all([send.ended, receive.command.ended])) {
        expect({ code, stderr }).toEqual({ code: 6, stderr: '' });
        expect(events.at(-1)).toMatchObject({ event: 'error', code: 'cancelled' });
      }
      expect(await namesIn(into)).toEqual([]);
    },
  );
});

describe('sealane', slowly, () => {
  it('ends with 2 when it was not understood', async () => {
    const { code, events, stderr } = await sealane(['send', ...profile('desk')]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(events).toMatchObject([{ event: 'error', code: 'usage' }]);
    expect((await sealane(['nonsense'])).code).toBe(2);
  });

  it('shows its help with an example', async () => {
    const { code, stdout, stderr } = await sealane(['send', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('$ sealane send');
  });

  it('says nothing about it when nobody reads what it prints, and does not end with 0', async () => {
    const { child, ended } = start('receive', ...listening('laptop'));
    child.stdout.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('speaks in sentences to a pipe, without a bar or colours', async () => {
    const { command, to } = await receiver(
      'laptop',
      '--once',
      '--into',
      join(folder, 'plain'),
      '--accept',
      'always',
    );
    const args = [
      'send',
      await idOf('laptop'),
      join(folder, 'Holiday'),
      '--to',
      to,
      '--profile',
      join(folder, 'desk'),
    ];
    const { code, stdout, stderr } = await sealane(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Looking at[^]*Offered to [^]*Holiday \(54 files in 15 folders, 2\.1 MB\)\nSent 54 files, 2\.1 MB to .* in .*\.\n$/,
    );
    expect(stdout).not.toMatch(new RegExp('[\\r\\u001b█]'));
    await command.ended;
  });
});
