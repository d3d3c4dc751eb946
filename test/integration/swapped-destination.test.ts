import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, acceptOffer, offerTo, offeredAgain } from '../support/engines.ts';

/**
 * Another user of this computer, who may write in the folder above the destination. He is a real process of
 * that user, which takes root to start.
 */

const bench = new Bench();
afterEach(() => bench.dispose());

const NOBODY = '65534';

function asNobody(script: string, ...args: readonly string[]): void {
  execFileSync(
    'setpriv',
    [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'sh', '-ec', script, 'sh', ...args],
    { stdio: 'pipe' },
  );
}

const canBeNobody = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(canBeNobody)(
  'another user who swaps what is on the way to the destination before the yes',
  () => {
    const ways: Readonly<Record<string, { readonly into: string; readonly script: string }>> = {
      'the destination for a link': { into: 'In', script: 'mv "$1/In" "$1/Old"; ln -s "$2" "$1/In"' },
      'the folder above for a link': { into: 'In/there', script: 'mv "$1/In" "$1/Old"; ln -s "$2" "$1/In"' },
      'what is not there yet for a link': { into: 'New', script: 'ln -s "$2" "$1/New"' },
      'what is not there yet for a link to be made below': { into: 'New/x', script: 'ln -s "$2" "$1/New"' },
    };
    it.each(Object.entries(ways))(
      '%s has nothing received where only this user may write',
      async (_what, way) => {
        const [sender, receiver] = await bench.pair();
        const [shared, closed, source] = await Promise.all([
          bench.folder('shared'),
          bench.folder('closed'),
          bench.folder('run me.desktop'),
        ]);
        await chmod(join(shared, '..'), 0o755);
        await mkdir(join(shared, 'In', 'there'), { recursive: true });
        await chown(shared, Number(NOBODY), Number(NOBODY));
        await chmod(shared, 0o777);
        await mkdir(join(closed, 'there'), { recursive: true });
        await chmod(closed, 0o700);
        await writeFile(source, 'hello');
        const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
        const offer = await offerTo(receiver, id);
        const back = offeredAgain(receiver);
        asNobody(way.script, shared, closed);
        await acceptOffer(receiver, offer, { into: join(shared, way.into) });
        expect((await back).state).toMatchObject({ problem: { code: 'destination-unusable' } });
        expect(await readdir(closed, { recursive: true })).toEqual(['there']);
      },
    );
  },
);
