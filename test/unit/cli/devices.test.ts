import { describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../../shared/views.ts';
import { DONE, FakeEngine, INVITE, LAPTOP, NOW, RUNNING, TRANSFER, transferView } from './fake-engine.ts';
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

describe('transfers by their id', () => {
  const OTHER = transferIdSchema.parse(`0${'f'.repeat(31)}`);
  const both = () => engineWith({ transfers: [transferView(RUNNING), transferView(DONE, { id: OTHER })] });

  it.each([
    [TRANSFER.slice(0, 2), TRANSFER],
    [TRANSFER.toUpperCase(), TRANSFER],
  ])('are cancelled: %s', async (text, id) => {
    const engine = both();
    engine.isTold = false;
    const { exit, out } = await run(['transfers', 'cancel', text, '--json'], { engine });
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual(['cancelUnfinished', id]);
    expect(out.events).toMatchObject([{ event: 'cancelled', transfer: id, told: false }]);
  });

  it.each([
    ['cancel', '0', 'transfer-ambiguous'],
    ['remove', '0', 'transfer-ambiguous'],
    ['cancel', '1', 'unknown-transfer'],
    ['remove', '', 'unknown-transfer'],
    ['cancel', OTHER, 'unknown-transfer'],
    ['remove', TRANSFER, 'transfer-unfinished'],
  ])('are not touched where that is not right: %s %s', async (what, text, code) => {
    const engine = both();
    const { exit, out } = await run(['transfers', what, text, '--json'], { engine });
    expect(exit).toBe('usage');
    expect(out.events).toMatchObject([{ event: 'error', code }]);
    expect(engine.called).toEqual(['create']);
  });

  it('are removed from the list', async () => {
    const engine = both();
    const { exit, out } = await run(['transfers', 'remove', '0f'], { engine });
    expect([exit, out.text]).toEqual(['done', 'It is removed from the list.\n']);
    expect(engine.calls).toContainEqual(['removeTransfer', OTHER]);
  });
});

describe('transfers expire', () => {
  it.each([
    [[], 30, []],
    [['--after', '60d'], 60, [60]],
    [['--after', 'never'], null, [null]],
  ])('tells and sets after how long: %j', async (args, afterDays, set) => {
    const engine = engineWith({});
    const { exit, out } = await run(['transfers', 'expire', ...args, '--json'], { engine });
    expect([exit, out.events]).toEqual(['done', [{ event: 'expiry', afterDays }]]);
    expect(engine.calls.filter(([name]) => name === 'setExpiry')).toEqual(
      set.map((days) => ['setExpiry', days]),
    );
  });

  it.each(['30', '0d', '1h', '9999d', '-1d', ''])('refuses %j', async (text) => {
    const { exit, engine } = await run(['transfers', 'expire', '--after', text]);
    expect([exit, engine.calls]).toEqual(['usage', []]);
  });
});
