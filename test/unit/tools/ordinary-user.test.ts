import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isLinuxRoot,
  mayRead,
  ORDINARY_UID,
  runAsOrdinary,
  whyNotOrdinary,
} from '../../tools/ordinary-user.mjs';

/** Windows are tested as an ordinary user even where the tests are started by root: real users, real processes. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-ordinary-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const sh = (script: string, writable: readonly string[] = [], env: NodeJS.ProcessEnv = process.env) =>
  runAsOrdinary('sh', ['-c', script], { cwd: tmpdir(), env, quiet: true }, writable);

/** For root alone: an ordinary user cannot become another. */
function describeAsRoot(what: string, tests: () => void): void {
  if (isLinuxRoot()) describe(what, tests);
  else
    it(`${what}: there is no root here, and nothing to hand down`, () => {
      expect(process.getuid?.()).not.toBe(0);
    });
}

describeAsRoot('what root has run as an ordinary user', () => {
  it('has that user, that group, no other group and no capability', async () => {
    const { code, output } = await sh('id -u; id -g; id -G; grep CapEff /proc/self/status');
    expect(code).toBe(0);
    const uid = String(ORDINARY_UID);
    expect(output.trim().split('\n')).toEqual([uid, uid, uid, 'CapEff:\t0000000000000000']);
  });

  it('reads nothing that is root’s alone, and writes nothing that is not its own', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'root’s', { mode: 0o600 });
    await chmod(folder, 0o755);
    expect((await sh(`cat '${secret}'`)).code).not.toBe(0);
    expect((await sh(`: >'${folder}/new'`)).code).not.toBe(0);
    expect(await readFile(secret, 'utf8')).toBe('root’s');
  });

  it('has a home of its own, which is gone afterwards, and none of root’s places', async () => {
    const env = { ...process.env, XDG_CONFIG_HOME: '/root/.config', XDG_RUNTIME_DIR: '/run/user/0' };
    const { output } = await sh(
      'cd && : >mine && pwd && stat -c %u . && echo "[$XDG_CONFIG_HOME$XDG_RUNTIME_DIR]"',
      [],
      env,
    );
    const [home = '', owner, places] = output.trim().split('\n');
    expect(home).toContain('sealane-home-');
    expect(owner).toBe(String(ORDINARY_UID));
    expect(places).toBe('[]');
    await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('may write to the folders that it was given, whatever root left in them', async () => {
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'old'), 'root’s', { mode: 0o600 });
    const { code } = await sh(`echo new >'${folder}/old' && echo more >'${folder}/more'`, [folder]);
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'old'), 'utf8')).toBe('new\n');
  });

  it('gives its exit code', async () => {
    expect((await sh('exit 7')).code).toBe(7);
  });

  it('is not tried with a runtime that such a user cannot read, and the reason is said', async () => {
    const hidden = join(folder, 'electron');
    await writeFile(hidden, '', { mode: 0o755 });
    await chmod(folder, 0o700);
    expect(await mayRead(hidden)).toBe(false);
    expect(await whyNotOrdinary(hidden)).toBe(`an ordinary user cannot read ${hidden}`);
    await chmod(folder, 0o755);
    expect(await mayRead(hidden)).toBe(true);
    expect(await whyNotOrdinary(hidden)).not.toBe(`an ordinary user cannot read ${hidden}`);
  });
});
