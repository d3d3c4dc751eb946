import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { parseInvite } from '../../src-main/engine/pairing/invite-token.ts';
import { Bench, pairEngines, pairingIn } from '../support/engines.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

/** Runs an attempt in which both sides end with `failed`; gives both codes. */
async function failedAttempt(
  inviter: Engine,
  invitee: Engine,
  link: string,
  act: () => Promise<void> | void,
) {
  const ends = [inviter, invitee].map((engine) => pairingIn(engine, ['paired', 'failed']));
  await invitee.pair(link);
  await act();
  return (await Promise.all(ends)).map(({ state }) =>
    state.kind === 'failed' ? state.error.code : state.kind,
  );
}

describe('two devices', () => {
  it('show the same code and trust each other once both users have said yes', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const code = await pairEngines(inviter, invitee);
    expect(code).toMatch(/^\d{3} \d{3}$/);
    expect(inviter.snapshot().devices).toMatchObject([
      { id: invitee.snapshot().self.id, name: 'invitee', accept: 'ask' },
    ]);
    expect(invitee.snapshot().devices).toMatchObject([
      { id: inviter.snapshot().self.id, name: 'inviter', accept: 'ask' },
    ]);
    expect(inviter.snapshot().invites).toMatchObject([{ state: 'used' }]);
  });

  it('say that they know each other already, each by its own list, before the code is compared and at the end', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const seen = (engine: Engine) => {
      const said: (readonly [string, string | null])[] = [];
      engine.subscribe((event) => {
        if (event.type === 'pairing') said.push([event.pairing.state.kind, event.pairing.knownAs]);
      });
      return said;
    };
    const [first, second] = [seen(inviter), seen(invitee)];
    const compared = (said: typeof first) =>
      said.splice(0).filter(([kind]) => kind === 'comparing' || kind === 'paired');

    await pairEngines(inviter, invitee);
    for (const said of [first, second])
      expect(compared(said)).toEqual([
        ['comparing', null],
        ['paired', null],
      ]);
    await inviter.changeDevice(invitee.snapshot().self.id, { name: 'Kay' });
    await pairEngines(inviter, invitee);
    expect(compared(first)).toEqual([
      ['comparing', 'Kay'],
      ['paired', 'Kay'],
    ]);
    expect(compared(second)).toEqual([
      ['comparing', 'inviter'],
      ['paired', 'inviter'],
    ]);
    expect(inviter.snapshot().devices).toMatchObject([{ name: 'Kay' }]);
    await inviter.forgetDevice(invitee.snapshot().self.id);
    await pairEngines(inviter, invitee);
    expect(compared(first)).toEqual([
      ['comparing', null],
      ['paired', null],
    ]);
    expect(compared(second)).toEqual([
      ['comparing', 'inviter'],
      ['paired', 'inviter'],
    ]);
  });

  it('hold an invite for open until the same moment', async () => {
    const inviter = await bench.engine('inviter');
    const { token, expires } = await inviter.createInvite({ lifetimeMs: 1000 });
    expect((await parseInvite(token, { now: expires - 1 })).expires).toBe(expires);
    await expect(parseInvite(token, { now: expires })).rejects.toMatchObject({ code: 'invite-expired' });
  });

  it('do not trust each other before both have said yes', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const shown = pairingIn(inviter, ['comparing']);
    const asked = pairingIn(invitee, ['comparing']);
    const { link } = await inviter.createInvite();
    const id = await invitee.pair(link);
    await Promise.all([shown, asked]);
    const confirmed = pairingIn(invitee, ['confirmed']);
    invitee.answerPairing(id, true);
    await confirmed;
    expect(inviter.snapshot().devices).toEqual([]);
    expect(invitee.snapshot().devices).toEqual([]);
  });

  it.each(['inviter', 'invitee'] as const)(
    'stay strangers when the %s says that the codes differ',
    async (who) => {
      const inviter = await bench.engine('inviter');
      const invitee = await bench.engine('invitee');
      const { link } = await inviter.createInvite();
      const shown = [inviter, invitee].map((engine) => pairingIn(engine, ['comparing']));
      const codes = await failedAttempt(inviter, invitee, link, async () => {
        const [first, second] = await Promise.all(shown);
        if (first === undefined || second === undefined) throw new Error('no code was shown');
        inviter.answerPairing(first.id, who !== 'inviter');
        invitee.answerPairing(second.id, who !== 'invitee');
      });
      expect(codes).toEqual(['code-mismatch', 'code-mismatch']);
      expect(inviter.snapshot().devices).toEqual([]);
      expect(invitee.snapshot().devices).toEqual([]);
    },
  );

  it.each(['inviter', 'invitee'] as const)('stay strangers when the %s cancels', async (who) => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const { link } = await inviter.createInvite();
    const shown = [inviter, invitee].map((engine) => pairingIn(engine, ['comparing']));
    const codes = await failedAttempt(inviter, invitee, link, async () => {
      const [first, second] = await Promise.all(shown);
      if (who === 'inviter' && first !== undefined) inviter.cancelPairing(first.id);
      if (who === 'invitee' && second !== undefined) invitee.cancelPairing(second.id);
    });
    expect(codes).toEqual(['pairing-cancelled', 'pairing-cancelled']);
    expect(inviter.snapshot().devices).toEqual([]);
    expect(invitee.snapshot().devices).toEqual([]);
  });
});
