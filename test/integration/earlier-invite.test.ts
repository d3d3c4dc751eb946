import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { Bench, pairingIn } from '../support/engines.ts';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';

/** An invite that is still good, and that this device's user has forgotten about. */

const bench = new Bench();
const commands: SealaneCommand[] = [];
afterEach(async () => {
  for (const { child } of commands.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await bench.dispose();
});

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  commands.push(command);
  return command;
}

it(
  'whoever holds an earlier invite is not confirmed unasked by the command that has made a new one',
  { timeout: 120_000 },
  async () => {
    const profile = ['--profile', await bench.folder('host-profile'), '--json'];
    const earlier = start('invite', '--expires', '1h', '--listen', '127.0.0.1:0', ...profile);
    const { port } = await earlier.event('ready');
    const { link: old } = await earlier.event('invite');
    earlier.child.kill('SIGINT');
    expect((await earlier.ended).code).toBe(6);

    const invite = start('invite', '--yes', '--listen', `127.0.0.1:${String(port)}`, ...profile);
    const { link } = await invite.event('invite');
    const finder = await bench.engine('finder');
    const shown = pairingIn(finder, ['comparing']);
    const end = pairingIn(finder, ['paired', 'failed']);
    await finder.pair(z.string().parse(old));
    finder.answerPairing((await shown).id, true);
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'code-mismatch' } });

    const guest = await bench.engine('guest');
    const asked = pairingIn(guest, ['comparing']);
    await guest.pair(z.string().parse(link));
    guest.answerPairing((await asked).id, true);
    expect((await invite.ended).code).toBe(0);
    const { events } = await sealane(['devices', ...profile]);
    expect(events.map(({ id }) => id)).toEqual([guest.snapshot().self.id]);
  },
);
