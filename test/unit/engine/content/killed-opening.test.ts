import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { discardJournaled } from '../../../../src-main/engine/content/leftover.ts';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import { markFolder } from '../../../../src-main/engine/files/folder-mark.ts';
import { lay, picture } from '../files/world.ts';
import { Stage, file, finish } from './play.ts';
import { newFolder } from './support.ts';

const PROGRAM = fileURLToPath(new URL('./fixtures/dying-process.ts', import.meta.url));

/**
 * Opens in a process that is killed behind its `killAfter`-th call; gives how many calls there were if it
 * came through.
 */
function openAndDie(destination: string, journalFolder: string, killAfter: number): number | null {
  const args = [PROGRAM, destination, journalFolder, String(killAfter)];
  const { signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
  const calls = /^opened (\d+)$/m.exec(stdout)?.[1];
  return calls === undefined ? null : Number(calls);
}

/** Runs `work` for each step at which a process that opens a reception can be killed. */
async function atEachStep(
  work: (killAt: (destination: string, journalFolder: string) => void) => Promise<void>,
) {
  const seen = { steps: 0, isOpen: false };
  while (!seen.isOpen) {
    seen.steps += 1;
    await work((destination, journalFolder) => {
      seen.isOpen = openAndDie(destination, journalFolder, seen.steps) !== null;
    });
  }
  return seen.steps;
}

describe('a process that is killed while it begins to receive', { timeout: 300_000 }, () => {
  it('at whichever step, leaves nothing behind once the transfer is given up', async () => {
    const steps = await atEachStep(async (killAt) => {
      const [destination, journalFolder] = [newFolder(), newFolder()];
      lay(destination, { 'mine/precious': 'precious', '.sealane-0123456789abcdef/': '' });
      const before = picture(destination);
      killAt(destination, journalFolder);
      await discardJournaled(journalFolder);
      expect(picture(destination)).toEqual(before);
      expect(readdirSync(journalFolder).filter((name) => name !== 'folders' && name !== 'entries')).toEqual(
        [],
      );
    });
    expect(steps).toBeGreaterThan(10);
  });

  it('at whichever step, goes on, and nothing but what was sent is there in the end', async () => {
    await atEachStep(async (killAt) => {
      const stage = new Stage();
      killAt(stage.destination, stage.journalFolder);
      stage.connect();
      expect(readdirSync(stage.destination).length).toBe(1);
      await stage.play(file('a', 'content'));
      await stage.play(finish(stage.reception));
      await stage.publish();
      expect(picture(stage.destination)).toEqual({ a: 'content' });
    });
  });

  const token = '0123456789abcdef'.repeat(2);
  const name = '.sealane-2222222222222222';

  /** A journal that speaks of a folder that was about to be made. */
  function intended(destination: string): string {
    const journalFolder = newFolder();
    const journal = Journal.create(journalFolder);
    journal.intend({ into: destination, destination: markFolder(destination), made: [], name, token });
    journal.close();
    return journalFolder;
  }

  it.each<Readonly<Record<string, string>>>([
    { precious: 'x' },
    { id: 'another token' },
    { id: `${token}0` },
    { 'tree/precious': 'x' },
    { tree: 'a file' },
  ])('leaves alone what somebody put there by its name: %j', async (content) => {
    const destination = newFolder();
    const journalFolder = intended(destination);
    mkdirSync(join(destination, name));
    lay(join(destination, name), content);
    const before = picture(destination);
    await discardJournaled(journalFolder);
    expect(picture(destination)).toEqual(before);
  });

  it('is swept by the token it noted, not by how its folder is called', async () => {
    const destination = newFolder();
    lay(destination, { [`${name}/tree/`]: '', '.sealane-1111111111111111/tree/': '' });
    // The token was being written.
    writeFileSync(join(destination, name, 'id'), token.slice(0, 7));
    const journalFolder = intended(destination);
    await discardJournaled(newFolder());
    await discardJournaled(journalFolder);
    expect(Object.keys(picture(destination))).toEqual([
      '.sealane-1111111111111111',
      '.sealane-1111111111111111/tree',
    ]);
  });
});
