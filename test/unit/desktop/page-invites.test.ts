import { describe, expect, it } from 'vitest';
import { inviteIdSchema } from '../../../shared/views.ts';
import type { InviteView } from '../../../shared/views.ts';
import { createPageInvites } from '../../../src-main/desktop/page-invites.ts';
import { createCalls } from '../../../src-main/desktop/calls.ts';
import { createDrops } from '../../../src-main/desktop/drops.ts';
import type { Engine } from '../../../src-main/engine/index.ts';
import { emptySnapshot, fakeEngine } from './fake-engine.ts';

const idOf = (letter: string) => inviteIdSchema.parse(letter.repeat(22));

/** An engine with some invites, of which this page makes those that `createInvite` gives in turn. */
function setup(change: Partial<Engine> = {}) {
  const said: unknown[][] = [];
  const invites: InviteView[] = [
    { id: idOf('a'), state: 'open', created: 1, expires: 2 },
    { id: idOf('b'), state: 'used', created: 1, expires: 2 },
    { id: idOf('c'), state: 'open', created: 1, expires: 2 },
  ];
  let next = 0;
  const engine = fakeEngine(said, {
    snapshot: () => ({ ...emptySnapshot, invites }),
    createInvite: () => {
      const invite = invites[next];
      next += 1;
      if (invite === undefined) throw new Error('no more of them');
      return Promise.resolve({ ...invite, token: 't', link: 'l' });
    },
    ...change,
  });
  const dialogs = {
    chooseFiles: () => Promise.resolve([]),
    chooseFolders: () => Promise.resolve([]),
    chooseDestination: () => Promise.resolve(undefined),
  };
  const invitesOfPage = createPageInvites(engine);
  const calls = invitesOfPage.watch(
    createCalls({
      engine,
      version: '1',
      drops: createDrops(() => 0),
      isSandboxed: true,
      dialogs,
      showItem: () => undefined,
      copyText: () => Promise.resolve(),
    }),
  );
  return { calls, said, withdraw: invitesOfPage.withdraw };
}

describe('invites of the page', () => {
  it('are withdrawn with it as far as they are open, and others are left alone', async () => {
    const { calls, said, withdraw } = setup();
    expect((await calls.createInvite()).id).toBe(idOf('a'));
    await calls.createInvite();
    await withdraw();
    expect(said).toEqual([['revokeInvite', idOf('a')]]);
    await withdraw();
    expect(said).toHaveLength(1);
  });

  it('are withdrawn also where they were still being made when it went', async () => {
    const { calls, said, withdraw } = setup();
    const making = calls.createInvite();
    await withdraw();
    await making;
    expect(said).toEqual([['revokeInvite', idOf('a')]]);
  });

  it('may be gone by then', async () => {
    const { calls, withdraw } = setup({ revokeInvite: () => Promise.reject(new Error('gone')) });
    await calls.createInvite();
    await expect(withdraw()).resolves.toBeUndefined();
  });
});
