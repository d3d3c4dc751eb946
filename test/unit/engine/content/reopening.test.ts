import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import { codeOf } from '../support.ts';
import { lay, picture } from '../files/world.ts';
import { HERE, WHOLE, begun, rest } from './begun.ts';
import { END, Stage, data, entry, file, finish, folder, skip } from './play.ts';
import { OTHER_TRANSFER, PLENTY, START, TRANSFER, newFolder } from './support.ts';
import { offeredOf } from '../../../support/offers.ts';

describe('going on', () => {
  it('begins where the journal says, and counts from the beginning', async () => {
    const stage = await begun();
    expect(stage.connect()).toEqual(HERE);
    expect(stage.progress).toEqual({ bytes: 7, files: 2 });
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('takes away whatever the journal does not vouch for', async () => {
    const stage = await begun();
    const tree = stage.tree();
    lay(tree, { 'f/new': 'x', 'f/d/deep/x': 'x', top: 'x', 'other/': '', 'f/g/b (2)': 'x' });
    appendFileSync(join(tree, 'f', 'c'), 'more than counts');
    symlinkSync('/etc', join(tree, 'f', 'link'));
    lay(join(stage.stagingFolder, 'again'), { '4': 'x', '0': 'x', rubbish: 'x' });
    expect(stage.connect()).toEqual(HERE);
    expect(picture(tree)).toEqual({ ...WHOLE, 'f/c': '12345' });
    expect(readdirSync(join(stage.stagingFolder, 'again'))).toEqual([]);
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('is the same after a kill: what came after the last checkpoint comes once more', async () => {
    const stage = await begun();
    stage.connect();
    await stage.play(
      [entry('f/c', 10), data('67890'), END],
      file('f/z', 'zz'),
      folder('h'),
      file('h/y', 'y'),
    );
    await stage.kill();
    expect(stage.connect()).toEqual(HERE);
    expect(picture(stage.tree())).toEqual({ ...WHOLE, 'f/c': '12345' });
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('can be done any number of times, with nothing new', async () => {
    const stage = await begun();
    for (let n = 0; n < 5; n += 1) {
      expect(stage.connect()).toEqual(HERE);
      await (n % 2 === 0 ? stage.cut() : stage.kill());
    }
    stage.connect();
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('is not what another yes means: into another folder it begins anew there, and leaves nothing here', async () => {
    const stage = await begun();
    lay(stage.destination, { mine: 'mine' });
    stage.offered = PLENTY;
    const other = newFolder();
    expect(stage.connect(other)).toEqual(START);
    expect(picture(stage.destination)).toEqual({ mine: 'mine' });
    await stage.play(file('a', 'anew'));
    await stage.play(finish(stage.reception));
    expect((await stage.publish()).into).toBe(other);
    expect(picture(other)).toEqual({ a: 'anew' });
    expect(picture(stage.destination)).toEqual({ mine: 'mine' });
  });

  it('is not what a yes to another offer means, which begins anew and leaves nothing of the first', async () => {
    const stage = await begun();
    const before = stage.stagingFolder;
    stage.digit = '1';
    stage.offered = PLENTY;
    expect(stage.connect()).toEqual(START);
    expect(existsSync(before)).toBe(false);
    await stage.play(file('a', 'anew'));
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(picture(stage.destination)).toEqual({ a: 'anew' });
  });

  it('is not what is gone on with where its user gave it another folder under the same path', async () => {
    const stage = await begun();
    const before = stage.stagingFolder;
    stage.moves = 1;
    expect(stage.connect()).toEqual(START);
    expect(existsSync(before)).toBe(false);
    // That one is, from then on.
    await stage.play(file('a', 'anew'));
    expect(await stage.reconnect()).toEqual({ entry: 1, offset: 0 });
  });

  it('is not what a yes means that was given after a kill, before anything came: room is asked for anew', async () => {
    const stage = new Stage();
    stage.offered = offeredOf({ itemCount: 1, files: 1, folders: 0, bytes: 1 });
    stage.connect();
    await stage.kill();
    stage.offered = offeredOf({ itemCount: 1, files: 1, folders: 0, bytes: Number.MAX_SAFE_INTEGER });
    stage.digit = '1';
    const other = join(newFolder(), 'made');
    expect(await codeOf(() => stage.connect(other))).toBe('no-space');
    expect(existsSync(other)).toBe(false);
    expect(readdirSync(stage.destination)).toEqual([]);
  });

  it('takes an offer that grew, and holds all that came against it', async () => {
    const stage = new Stage();
    stage.offered = offeredOf({ itemCount: 1, files: 2, folders: 1, bytes: 10 });
    stage.connect();
    await stage.play(folder('f'), file('f/a', '123456'));
    await stage.cut();
    stage.offered = offeredOf({ itemCount: 1, files: 3, folders: 1, bytes: 16 });
    stage.connect();
    await stage.play(file('f/b', '1234'), file('f/a', '654321', 1));
    await stage.cut();
    stage.connect();
    expect(await codeOf(() => stage.play(file('f/c', '')))).toBe('content-mismatch');
    await stage.discard();
    expect(readdirSync(stage.destination)).toEqual([]);
  });

  it('remembers what was left out, in order and number', async () => {
    const stage = new Stage();
    stage.connect();
    await stage.play(skip('a'), file('NUL', 'x'));
    await stage.reconnect();
    await stage.play(skip('c'));
    await stage.kill();
    stage.connect();
    await stage.play(skip('d'));
    await stage.reconnect();
    await stage.play(finish(stage.reception));
    const { skipped, skippedCount } = await stage.publish();
    expect(skipped.map(({ path }) => path)).toEqual(['a', 'NUL', 'd']);
    expect(skippedCount).toBe(3);
  });

  it('with nothing received yet uses the staging folder that is there', async () => {
    const stage = new Stage();
    stage.connect();
    const before = stage.stagingFolder;
    await stage.kill();
    expect(stage.connect()).toEqual(START);
    expect(readdirSync(stage.destination)).toHaveLength(1);
    expect(stage.stagingFolder).toBe(before);
  });
});

describe('going on is not possible', () => {
  it('when the staging folder was removed: it begins anew, in a new one', async () => {
    const stage = await begun();
    rmSync(stage.stagingFolder, { recursive: true });
    expect(stage.connect()).toEqual(START);
    expect(stage.progress).toEqual({ bytes: 0, files: 0 });
    await stage.play(folder('f'), file('f/a', 'a'), folder('f/g'), file('f/g/b', 'b'), [
      entry('f/c', 10),
      data('12345'),
    ]);
    await stage.cut();
    expect(stage.connect()).toEqual(HERE);
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    [
      'the tree',
      (stage) => {
        rmSync(stage.tree(), { recursive: true });
      },
    ],
    [
      'the list of entries',
      (stage) => {
        unlinkSync(join(stage.journalFolder, 'entries'));
      },
    ],
    [
      'the list of folders',
      (stage) => {
        truncateSync(join(stage.journalFolder, 'folders'), 3);
      },
    ],
    [
      'a byte in the list of entries',
      (stage) => {
        flip(join(stage.journalFolder, 'entries'));
      },
    ],
  ])('when %s is lost: it begins anew, and nothing is left over', async (_what, lose) => {
    const stage = await begun();
    lose(stage);
    expect(stage.connect()).toEqual(START);
    expect(readdirSync(stage.destination)).toHaveLength(1);
    expect(picture(stage.tree())).toEqual({});
  });

  it.each<readonly [string, (stage: Stage) => void]>([
    [
      'lost',
      (stage) => {
        unlinkSync(join(stage.journalFolder, 'journal'));
      },
    ],
    [
      'rubbish',
      (stage) => {
        writeFileSync(join(stage.journalFolder, 'journal'), 'rubbish');
      },
    ],
    [
      'another transfer’s',
      (stage) => {
        replaceHeader(stage);
      },
    ],
  ])('when the journal is %s: it begins anew beside what it knows nothing of', async (_what, lose) => {
    const stage = await begun();
    const old = picture(stage.stagingFolder);
    const path = stage.stagingFolder;
    lose(stage);
    expect(stage.connect()).toEqual(START);
    expect(picture(path)).toEqual(old);
    expect(readdirSync(stage.destination)).toHaveLength(2);
    await stage.play(file('x', 'x'));
    await stage.play(finish(stage.reception));
    await stage.publish();
    expect(picture(path)).toEqual(old);
    rmSync(path, { recursive: true });
    expect(picture(stage.destination)).toEqual({ x: 'x' });
  });

  it('while the destination is not there: it waits for it', async () => {
    const stage = await begun(join(newFolder(), 'stick'));
    const away = `${stage.destination} away`;
    renameSync(stage.destination, away);
    expect(await codeOf(() => stage.connect())).toBe('destination-unusable');
    expect(existsSync(stage.destination)).toBe(false);
    renameSync(away, stage.destination);
    expect(stage.connect()).toEqual(HERE);
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('while there is no room: what is there stays', async () => {
    const stage = await begun();
    const before = picture(stage.tree());
    const { disk } = stage;
    stage.disk = { ...disk, space: (path) => ({ ...disk.space(path), freeBytes: 1_000_000 }) };
    expect(await codeOf(() => stage.connect())).toBe('no-space');
    expect(picture(stage.tree())).toEqual(before);
    stage.disk = disk;
    expect(stage.connect()).toEqual(HERE);
    expect(await rest(stage)).toEqual(WHOLE);
  });

  it('asks for room only for what is missing, however often files changed', async () => {
    const stage = new Stage();
    const { disk } = stage;
    const free = (freeBytes: number): void => {
      stage.disk = { ...disk, space: (path) => ({ ...disk.space(path), freeBytes }) };
    };
    const MIB = 1024 * 1024;
    stage.offered = offeredOf({ itemCount: 2, files: 2, folders: 0, bytes: 100 * MIB });
    free(117 * MIB);
    stage.connect();
    await stage.play(file('f', new Uint8Array(60 * MIB)), [
      entry('g', 40 * MIB),
      data(new Uint8Array(30 * MIB)),
    ]);
    await stage.cut();
    // What is here: 90 of 100 MiB. Both changed; the offer now counts four files of 200 MiB.
    stage.offered = { ...stage.offered, files: 4, bytes: 200 * MIB };
    free(27 * MIB);
    expect(stage.connect()).toEqual({ entry: 1, offset: 30 * MIB });
    await stage.cut();
    free(25 * MIB);
    expect(await codeOf(() => stage.connect())).toBe('no-space');
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10);
  writeFileSync(path, bytes);
}

function replaceHeader(stage: Stage): void {
  const { state, journal } = Journal.open(stage.journalFolder) ?? expect.fail('no journal');
  journal.close();
  const { agreed, offered, place } = state.header;
  expect(state.header.transfer).toBe(TRANSFER);
  const other = Journal.create(stage.journalFolder);
  other.start({ transfer: OTHER_TRANSFER, agreed, offered, place });
  other.close();
}
