import { describe, expect, it } from 'vitest';
import { DONE, FakeEngine, INVITE, LAPTOP, NOW, TRANSFER, transferView } from './fake-engine.ts';
import type { DeviceView } from '../../../shared/views.ts';
import { run } from './fake-host.ts';

function engineWith(state: Partial<FakeEngine['state']>): FakeEngine {
  const engine = new FakeEngine();
  engine.state = { ...engine.state, ...state };
  return engine;
}

/** All of a device but whether it is connected with another process, which this one does not know. */
function shown({ isConnected, ...device }: Omit<DeviceView, 'accept'> & { accept: string }): unknown {
  expect(isConnected).toBe(false);
  return { event: 'device', ...device };
}

describe('devices', () => {
  it('lists one per line', async () => {
    const { out } = await run(['devices', '--json']);
    expect(out.events).toEqual([shown(LAPTOP)]);
  });

  it('says where to begin when there is none', async () => {
    const { exit, out } = await run(['devices'], { engine: engineWith({ devices: [] }) });
    expect(exit).toBe('done');
    expect(out.text).toContain('sealane invite');
  });

  it('forgets one', async () => {
    const { exit, out, engine } = await run(['devices', 'forget', 'Laptop']);
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual(['forgetDevice', LAPTOP.id]);
    expect(out.text).toBe('Laptop is no longer paired with this device.\n');
  });

  it.each([
    [['--accept', 'always'], { accept: 'always' }],
    [['--into', 'inbox'], { into: '/work/inbox' }],
    [['--into', '/abs'], { into: '/abs' }],
    [['--no-into'], { into: null }],
    [['--name', ' Desk 2 '], { name: 'Desk 2' }],
    [['--accept', 'ask', '--name', 'x'], { accept: 'ask', name: 'x' }],
  ])('sets %s', async (args, change) => {
    const { exit, out, engine } = await run(['devices', 'set', 'Laptop', ...args, '--json']);
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual(['changeDevice', LAPTOP.id, change]);
    expect(out.events).toEqual([shown({ ...LAPTOP, ...change })]);
  });
});

describe('invites', () => {
  it('lists those that can still be used', async () => {
    const engine = engineWith({
      invites: [
        INVITE,
        { ...INVITE, state: 'used' },
        { ...INVITE, state: 'revoked' },
        { ...INVITE, expires: NOW - 1 },
      ],
    });
    const { out } = await run(['invites', '--json'], { engine });
    const { id, state, created, expires } = INVITE;
    expect(out.events).toEqual([{ event: 'invite', id, state, created, expires }]);
  });

  it.each([[[]], [['--json']]])('revokes one whose id begins with a dash (%s)', async (flags) => {
    const engine = engineWith({ invites: [INVITE] });
    const { exit, out } = await run(['invites', 'revoke', INVITE.id, ...flags], { engine });
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual(['revokeInvite', INVITE.id]);
    expect(out.text).toContain('revoked');
  });

  it.each(['x', '--nonsense', 'hTq3bWm0zX9cV2nLk7RfYg'])('knows no invite %s', async (id) => {
    const { exit, out } = await run(['invites', 'revoke', id, '--json']);
    expect(exit).toBe('usage');
    expect(out.events).toMatchObject([{ event: 'error', code: 'unknown-invite' }]);
  });
});

describe('transfers', () => {
  it('lists the history', async () => {
    const engine = engineWith({ transfers: [transferView(DONE)] });
    const { out } = await run(['transfers', '--json'], { engine });
    expect(out.events).toMatchObject([
      { event: 'transfer', transfer: TRANSFER, direction: 'send', state: 'done', bytes: 3_000_000 },
    ]);
  });

  it('says when there is none', async () => {
    expect((await run(['transfers'])).out.text).toBe('Nothing was sent or received yet.\n');
  });
});
