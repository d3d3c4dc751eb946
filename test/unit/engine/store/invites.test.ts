import { describe, expect, it } from 'vitest';
import { MAX_INVITE_FAILURES } from '../../../../shared/limits.ts';
import { invite, inviteId, openedStore, runFixture, temporaryFolder } from './support.ts';

const DAY_MS = 24 * 60 * 60_000;

/** A store with a clock, and invite 1 open until 1000. */
async function setUp() {
  const clock = { now: 0 };
  const profile = await temporaryFolder();
  const { invites } = await openedStore(profile, () => clock.now);
  await invites.put(invite(1));
  return { clock, profile, invites, state: () => invites.get(inviteId(1))?.state };
}

describe('the invites of a store', () => {
  it('are put, replaced, and there after opening again', async () => {
    const { profile, invites } = await setUp();
    await invites.put(invite(2));
    await invites.put(invite(1, { tokenHash: 'other' }));
    const expected = [invite(1, { tokenHash: 'other' }), invite(2)];
    expect(invites.list()).toEqual(expected);
    expect((await openedStore(profile, () => 0)).invites.list()).toEqual(expected);
  });

  it('are claimed once', async () => {
    const { invites, state } = await setUp();
    const claims = await Promise.all([invites.claim(inviteId(1)), invites.claim(inviteId(1))]);
    expect(claims).toEqual([true, false]);
    expect(state()).toBe('used');
    expect(await invites.claim(inviteId(2))).toBe(false);
  });

  it('are claimed once by two processes that race for each', async () => {
    const { profile, invites } = await setUp();
    const ids = Array.from({ length: 30 }, (_, n) => inviteId(100 + n));
    for (const [n] of ids.entries()) await invites.put(invite(100 + n));
    const got = await Promise.all([
      runFixture('claim', profile, ...ids),
      runFixture('claim', profile, ...ids),
    ]);
    expect(got.join('').trim().split('\n').sort()).toEqual(ids);
  });

  it('are revoked while they are open, and then not claimed', async () => {
    const { invites, state } = await setUp();
    expect(await invites.revoke(inviteId(1))).toBe(true);
    expect(await invites.revoke(inviteId(1))).toBe(false);
    expect(await invites.claim(inviteId(1))).toBe(false);
    expect(state()).toBe('revoked');
    expect(await invites.revoke(inviteId(2))).toBe(false);
  });

  it('are spent by failed proofs, however many come at once', async () => {
    const { invites, state } = await setUp();
    const fail = () => invites.fail(inviteId(1));
    await Promise.all(Array.from({ length: MAX_INVITE_FAILURES - 1 }, fail));
    expect(state()).toBe('open');
    await fail();
    expect(state()).toBe('spent');
    expect(await invites.claim(inviteId(1))).toBe(false);
    await fail();
    expect(invites.get(inviteId(1))?.failures).toBe(MAX_INVITE_FAILURES);
  });

  it('expire, and cannot be claimed or revoked from then on', async () => {
    const { clock, invites, state } = await setUp();
    clock.now = 999;
    expect(state()).toBe('open');
    clock.now = 1000;
    expect(state()).toBe('expired');
    expect(invites.list().map((each) => each.state)).toEqual(['expired']);
    expect(await invites.claim(inviteId(1))).toBe(false);
    expect(await invites.revoke(inviteId(1))).toBe(false);
    expect(state()).toBe('expired');
  });

  it('say that they were used even after their time, and go a day after it', async () => {
    const { clock, profile, invites, state } = await setUp();
    await invites.claim(inviteId(1));
    clock.now = 1000 + DAY_MS - 1;
    expect(state()).toBe('used');
    clock.now = 1000 + DAY_MS;
    expect(invites.list()).toEqual([]);
    await invites.put(invite(2, { expires: clock.now + 1 }));
    // With the clock turned back it would show if it were still on disk.
    expect((await openedStore(profile, () => 0)).invites.list().map(({ id }) => id)).toEqual([inviteId(2)]);
  });
});
