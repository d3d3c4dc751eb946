import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { diskOfTest } from '../support/disk-of-test.ts';
import { Bench, acceptOffer, endOf, offerTo, offeredAgain, transferIn } from '../support/engines.ts';
import { SealaneCommand } from '../support/sealane-command.ts';
import { canMount } from '../support/small-disk.ts';
import { namesIn } from '../support/tree.ts';

/**
 * What is received goes onto the disk that it was meant for, or nowhere: where that is not mounted, its mount point is a folder of the
 * disk above. It takes root to mount one: `npm test` runs as root in CI.
 */

const MIB = 1024 * 1024;

const bench = new Bench();
afterEach(() => bench.dispose());

async function letter(): Promise<string> {
  const file = await bench.folder('letter.txt');
  await writeFile(file, 'hello');
  return file;
}

const NO_DISK = 'the disk that it was on is not there';

describe.runIf(canMount)('a folder on a disk that is not mounted', { timeout: 120_000 }, () => {
  it.each(['stays', 'goes with the disk'])(
    'gets nothing, also after a restart, until the disk is back, where its mount point %s',
    async (way) => {
      const stick = await diskOfTest(32 * MIB, 'ext4');
      const into = join(stick.folder, 'inbox');
      const [sender, first] = await bench.pair();
      const { id: peer } = sender.snapshot().self;
      await first.changeDevice(peer, { accept: 'always', into });
      await first.close();
      await stick.pullOut();
      if (way !== 'stays') await rmdir(stick.folder);

      const receiver = await bench.engine('second');
      const waits = transferIn(receiver, ['waiting']);
      const port = receiver.snapshot().port ?? 0;
      const to = { host: '127.0.0.1', port };
      const device = receiver.snapshot().self.id;
      const id = await sender.send({ device, paths: [await letter()], to });
      const message = expect.stringContaining(NO_DISK) as unknown;
      expect((await waits).state).toMatchObject({
        error: { code: 'destination-unusable', folder: into, message },
      });
      if (way === 'stays') expect(await readdir(stick.folder)).toEqual([]);
      else expect(existsSync(stick.folder)).toBe(false);

      const ends = [endOf(sender, id), endOf(receiver, id)];
      await mkdir(stick.folder, { recursive: true });
      await stick.plugIn();
      for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
      expect(await namesIn(into)).toEqual(['letter.txt']);
    },
  );

  it('is asked about again, where there is somebody to be asked', async () => {
    const stick = await diskOfTest(32 * MIB, 'ext4');
    const [sender, receiver] = await bench.pair();
    await receiver.changeDevice(sender.snapshot().self.id, { into: stick.folder });
    await stick.pullOut();
    const offered = offerTo(receiver);
    await sender.send({ device: receiver.snapshot().self.id, paths: [await letter()] });
    const back = offeredAgain(receiver);
    await acceptOffer(receiver, await offered);
    const message = `Nothing can be put into ${stick.folder}: ${NO_DISK}. Choose another folder.`;
    expect((await back).state).toMatchObject({ problem: { code: 'destination-unusable', message } });
    expect(await readdir(stick.folder)).toEqual([]);
    await stick.plugIn();
  });
});

describe.runIf(canMount && existsSync('/etc/fstab'))('a profile', { timeout: 120_000 }, () => {
  it.each(['profile', '.'])('is not made where a disk belongs that is not mounted, as %s', async (name) => {
    const place = await bench.folder('mnt');
    const fstab = await bench.folder('fstab');
    await mkdir(place, { recursive: true });
    await writeFile(fstab, `/dev/disk/by-label/keys ${place} ext4 noauto 0 0\n`);
    const profile = join(place, name);
    const command = new SealaneCommand(['id', '--profile', profile, '--json'], { fstab });
    const { code, events } = await command.ended;
    expect(code).toBe(1);
    const message = `The folder for this device’s settings, ${profile}, cannot be used: a disk belongs at ${place} (/etc/fstab), and none is mounted. Mount it, or name another folder with --profile.`;
    expect(events).toEqual([{ event: 'error', code: 'profile-unmounted', message }]);
    expect(await readdir(place)).toEqual([]);
  });
});

describe.runIf(canMount)(
  'receive --into a folder on a disk that no list of the system has',
  { timeout: 120_000 },
  () => {
    it.each(['', 'inbox'])(
      'makes nothing in its place once that was pulled out, and goes on when it is back: “%s”',
      async (name) => {
        const stick = await diskOfTest(32 * MIB, 'ext4');
        const into = join(stick.folder, name);
        const [sender, receiver] = await bench.pair();
        const device = receiver.snapshot().self.id;
        await receiver.close();
        const place = ['--profile', await bench.folder('second-profile'), '--listen', '127.0.0.1:0'];
        const args = ['receive', '--into', into, '--accept', 'always', '--once', '--json', ...place];
        const command = new SealaneCommand(args);
        onTestFinished(() => void command.child.kill('SIGKILL'));
        const port = Number((await command.event('ready'))['port']);
        await stick.pullOut();

        const to = { host: '127.0.0.1', port };
        const id = await sender.send({ device, paths: [await letter()], to });
        const end = endOf(sender, id);
        const message = expect.stringContaining(NO_DISK) as unknown;
        expect(await command.event('waiting')).toMatchObject({
          code: 'destination-unusable',
          folder: into,
          message,
        });
        expect(await readdir(stick.folder)).toEqual([]);
        await stick.plugIn();
        expect((await end).state.kind).toBe('done');
        expect((await command.ended).code).toBe(0);
        expect(await namesIn(into)).toContain('letter.txt');
      },
    );
  },
);

describe.runIf(canMount && existsSync('/etc/fstab'))('receive --into', { timeout: 120_000 }, () => {
  it('an empty folder where the system’s list has a disk, and none is, is refused with its name', async () => {
    const place = await bench.folder('mnt');
    const fstab = await bench.folder('fstab');
    await mkdir(place, { recursive: true });
    await writeFile(fstab, `/dev/disk/by-label/backup ${place} ext4 noauto 0 0\n`);
    const profile = await bench.folder('profile');
    const into = join(place, 'inbox');
    const args = ['receive', '--into', into, '--profile', profile, '--json', '--listen', '127.0.0.1:0'];
    const command = new SealaneCommand(args, { fstab });
    onTestFinished(() => void command.child.kill('SIGKILL'));
    const { code, events } = await command.ended;
    expect(code).toBe(1);
    expect(events).toMatchObject([
      {
        event: 'error',
        code: 'destination-unusable',
        message: `Nothing can be put into ${into}: a disk belongs at ${place} (/etc/fstab), and none is mounted. Mount it, or name another folder.`,
      },
    ]);
    expect(await readdir(place)).toEqual([]);
  });
});
