import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** The real command where the places that it takes for granted are not there: the home folder, the current one, the one to receive into. */

const program = join(import.meta.dirname, '..', '..', 'src-main', 'cli', 'main.ts');
const slowly = { timeout: 60_000 };
/** A user whom no system lists. */
const NOBODYS_ID = 54_321;

let folder = '';
let work = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-places-'));
});
beforeEach(async () => {
  work = join(folder, String((count += 1)));
  await mkdir(work);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Start {
  /** Beside the ones that every process has here; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
}

function run(args: readonly string[], { env = {}, uid }: Start = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    // SIGKILL: one that spins hears nothing else.
    timeout: 30_000,
    killSignal: 'SIGKILL',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { code: status, out: stdout, err: stderr };
}

describe.runIf(process.platform === 'linux')('the command', slowly, () => {
  it.each(['./rel', 'rel/config', '~/.config'])(
    'ignores XDG_CONFIG_HOME when it is not an absolute path: %s',
    async (value) => {
      const home = join(work, 'home');
      await mkdir(home);
      const { code } = run(['id'], { env: { HOME: home, XDG_CONFIG_HOME: value } });
      expect(code).toBe(0);
      expect(await readdir(work)).toEqual(['home']);
      expect(await readdir(join(home, '.config'))).toEqual(['sealane']);
    },
  );

  it('takes XDG_CONFIG_HOME when it is absolute, and falls back on the home folder when it is empty', async () => {
    const [home, config] = [join(work, 'home'), join(work, 'config')];
    const first = run(['id', '--json'], { env: { HOME: home, XDG_CONFIG_HOME: config } });
    expect([first.code, await readdir(config)]).toEqual([0, ['sealane']]);
    const second = run(['id', '--json'], { env: { HOME: home, XDG_CONFIG_HOME: '' } });
    expect([second.code, await readdir(join(home, '.config'))]).toEqual([0, ['sealane']]);
  });

  it.each(['relhome', '.', '', 'a/b'])(
    'makes no device below the current folder for a home that is not an absolute path: “%s”',
    async (value) => {
      const { code, err } = run(['id'], { env: { HOME: value, XDG_CONFIG_HOME: undefined } });
      expect(code).toBe(2);
      expect(err).toContain('--profile');
      expect(await readdir(work)).toEqual([]);
      const profile = join(work, 'profile');
      expect(run(['id', '--profile', profile], { env: { HOME: value } }).code).toBe(0);
      expect(await readdir(work)).toEqual(['profile']);
    },
  );

  it.runIf(process.getuid?.() === 0)('needs no home of a user whom the system does not list', () => {
    const given = run(['--version'], { env: { HOME: undefined }, uid: NOBODYS_ID });
    expect([given.code, given.err]).toEqual([0, '']);
    const { code, err } = run(['id'], { env: { HOME: undefined }, uid: NOBODYS_ID });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: .*HOME.*--profile\.\n$/);
  });

  it('works in a current folder that was removed, and says which relative path it cannot find from there', async () => {
    const gone = join(work, 'gone');
    await mkdir(gone);
    const inGone = (...args: readonly string[]) => {
      const line = 'cd "$1"; rmdir "$1"; shift; exec "$@"';
      const shell = ['-c', line, 'sh', gone, process.execPath, program, ...args];
      const { status, stderr } = spawnSync('sh', shell, { encoding: 'utf8' });
      return { code: status, err: stderr };
    };
    expect(inGone('--help')).toEqual({ code: 0, err: '' });
    const profile = join(work, 'profile');
    await mkdir(gone);
    expect(inGone('id', '--profile', profile)).toEqual({ code: 0, err: '' });
    await mkdir(gone);
    const { code, err } = inGone('id', '--profile', 'here');
    expect(code).toBe(2);
    expect(err).toMatch(/^error: The current folder is not there any more, so here is nowhere\. .*\n$/);
  });

  it.each(['/proc/x', '/proc/x/y', '/proc/self/fd/x', '/dev/null/x', '/sys/x'])(
    'ends with the folder and the cause when the profile cannot be there: %s',
    (profile) => {
      const { code, err } = run(['id', '--profile', profile]);
      expect(code).toBe(1);
      expect(err).toMatch(/^error: The folder with this device’s settings, \S+, cannot be used: .+\n$/);
      expect(err).toContain(` ${profile},`);
    },
  );

  it('says at the start of receive that its folder cannot be one, and why', async () => {
    const profile = join(work, 'profile');
    await writeFile(join(work, 'file'), '');
    await symlink(join(work, 'nowhere'), join(work, 'dangling'));
    await symlink('loop', join(work, 'loop'));
    const refused = [
      ['file', /file is a file, not a folder/],
      ['file/sub', /file is a file, not a folder/],
      ['dangling', /dangling is a link to something that is not there/],
      ['dangling/sub', /dangling is a link to something that is not there/],
      ['loop/sub', /a link on the way to it leads back to itself/],
    ] as const;
    for (const [into, sentence] of refused) {
      const { code, out, err } = run(['receive', '--into', into, '--profile', profile]);
      expect({ into, code, out }).toEqual({ into, code: 1, out: '' });
      expect(err).toMatch(sentence);
    }
    // Nothing was opened, so nothing was made.
    expect((await readdir(work)).sort()).toEqual(['dangling', 'file', 'loop']);
  });

  it.each(['--profile=p', '--help', '--version', '--json', '--to=127.0.0.1:1', '-V', '--no\u001b[2Jthing'])(
    'takes no file for an option that came with a pattern: %s',
    async (name) => {
      await writeFile(join(work, name), '');
      await writeFile(join(work, 'tax.txt'), '');
      const names = (await readdir(work)).sort();
      const { code, out, err } = run(['send', 'laptop', ...names, '--profile', join(folder, 'p')]);
      expect(code).toBe(2);
      expect(`${out}${err}`).toContain('a file of this name is here, too');
      expect(err).not.toContain('\u001b');
      // As a file it can be sent; nobody of this name is paired.
      for (const files of [[`./${name}`], ['--', ...names]])
        expect(run(['--profile', join(folder, 'p'), 'send', 'laptop', ...files]).code).toBe(5);
    },
  );

  it('takes no file for the end of the options that came with a pattern: --', async () => {
    for (const name of ['--', 'a', 'b']) await writeFile(join(work, name), '');
    const send = (...args: readonly string[]) =>
      run(['--profile', join(folder, 'p'), 'send', 'laptop', ...args]);
    for (const args of [
      ['--', 'a', 'b'],
      ['a', '--', 'b', '--to', '127.0.0.1:1'],
    ]) {
      const { code, out, err } = send(...args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(
        '-- ends the options, and a file of this name is here, too. Write ./-- for the file',
      );
    }
    // As a file it can be sent; nobody of this name is paired.
    for (const args of [
      ['./--', 'a', 'b'],
      ['--', '--', 'a', 'b'],
    ])
      expect(send(...args).code).toBe(5);
  });

  it.each([
    ['receive', '--into', '~/inbox'],
    ['receive', '--into=~'],
    ['devices', 'set', 'Laptop', '--into', '~/inbox'],
    ['id', '--profile', '~/p'],
  ])('makes no folder that is called ~: %s %s %s', async (...args) => {
    const { code, err } = run(args);
    expect(code).toBe(2);
    expect(err).toContain('~ was not replaced by a shell');
    expect(await readdir(work)).toEqual([]);
  });
});
