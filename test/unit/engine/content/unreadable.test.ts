import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { discardJournaled } from '../../../../src-main/engine/content/leftover.ts';
import { codeOf } from '../support.ts';
import { picture } from '../files/world.ts';
import { HERE, WHOLE, begun, rest } from './begun.ts';

/** What stands where a file was, so that it cannot be opened now: the file itself is elsewhere. */
const ways: [string, (path: string) => void][] = [
  ['a folder is in its place', mkdirSync],
  [
    'a link is in its place',
    (path) => {
      symlinkSync('nowhere', path);
    },
  ],
];

describe.each(['journal', 'entries', 'folders'])('where %s cannot be opened', (name) => {
  it.each(ways)('because %s, the transfer waits, and goes on where it was', async (_what, put) => {
    const stage = await begun();
    const before = picture(stage.tree());
    const [path, away] = [join(stage.journalFolder, name), join(stage.journalFolder, 'away')];
    renameSync(path, away);
    put(path);
    expect(await codeOf(() => stage.connect())).toBe('profile-unusable');
    expect(picture(stage.tree())).toEqual(before);
    expect(readdirSync(stage.destination)).toHaveLength(1);
    renameSync(path, `${path} that was in the way`);
    renameSync(away, path);
    expect(stage.connect()).toEqual(HERE);
    expect(await rest(stage)).toEqual(WHOLE);
  });
});

describe('what a journal names that cannot be opened', () => {
  it.each(ways)('because %s, is not removed, nor is anything beside it', async (_what, put) => {
    const stage = await begun();
    const [path, away] = [join(stage.journalFolder, 'journal'), join(stage.journalFolder, 'away')];
    const bytes = readFileSync(path);
    renameSync(path, away);
    put(path);
    const names = readdirSync(stage.journalFolder);
    const before = picture(stage.tree());
    expect(await codeOf(() => discardJournaled(stage.journalFolder))).toBe('profile-unusable');
    expect(picture(stage.tree())).toEqual(before);
    expect(readdirSync(stage.journalFolder)).toEqual(names);
    renameSync(path, `${path} that was in the way`);
    renameSync(away, path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await discardJournaled(stage.journalFolder);
    expect(readdirSync(stage.destination)).toEqual([]);
  });
});

const lineSchema = z.object({
  free: z.number(),
  thrown: z.string().nullable(),
  refused: z.string().nullable(),
  entry: z.number(),
  folders: z.number(),
});

it.runIf(process.platform === 'linux')(
  'a process that may open no more files loses nothing of what was safe, however few are missing',
  { timeout: 120_000 },
  () => {
    const program = fileURLToPath(new URL('./fixtures/few-descriptors.ts', import.meta.url));
    const shell = `ulimit -n 80; exec '${process.execPath}' '${program}'`;
    const lines = execFileSync('sh', ['-c', shell], { encoding: 'utf8' }).trim().split('\n');
    const runs = lines.map((line) => lineSchema.parse(JSON.parse(line)));
    expect(runs.map(({ entry, folders }) => ({ entry, folders }))).toEqual(
      runs.map(() => ({ entry: 5, folders: 1 })),
    );
    const thrown = runs.map((run) => run.thrown).filter((code) => code !== null);
    expect(thrown.length).toBeGreaterThan(2);
    expect(new Set([...thrown, 'profile-unusable', 'destination-unusable']).size).toBe(2);
    expect(thrown[0]).toBe('profile-unusable');
    for (const run of runs) expect(run.refused).toBe(run.thrown === null ? null : 'profile-unusable');
    expect(runs.at(-1)?.thrown).toBeNull();
  },
);
