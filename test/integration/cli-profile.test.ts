import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../shared/errors.ts';
import { sealane } from '../support/sealane-command.ts';

/** Profiles that the command cannot use, on systems with permissions and limits: what scripts see. */

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-cli-profile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const profile = (name: string) => ['--profile', join(folder, name), '--json'];

describe.runIf(process.platform !== 'win32')('the command', { timeout: 60_000 }, () => {
  it('says that the profile is exposed when others have been able to write in it, and touches nothing', async () => {
    const shared = join(folder, 'shared');
    await mkdir(shared);
    await chmod(shared, 0o777);
    await writeFile(join(shared, 'devices.json'), 'planted');
    const { code, events } = await sealane(['id', ...profile('shared')]);
    expect(code).toBe(1);
    const { message } = ERRORS['profile-exposed'];
    expect(events).toEqual([{ event: 'error', code: 'profile-exposed', message }]);
    expect(await readdir(shared)).toEqual(['devices.json']);
  });

  it('says that a folder with other things in it is no profile, and changes nothing in it', async () => {
    const site = join(folder, 'site');
    await mkdir(site);
    await chmod(site, 0o755);
    await writeFile(join(site, 'index.html'), 'hi');
    await writeFile(join(site, 'settings.json'), '{}');
    const { code, events } = await sealane(['id', ...profile('site')]);
    const message = `The folder ${site} has other things in it, and none of Sealane’s. Nothing in it was changed. Name an empty folder, or a new one, with --profile.`;
    expect({ code, events }).toEqual({
      code: 1,
      events: [{ event: 'error', code: 'profile-occupied', message }],
    });
    expect((await readdir(site)).sort()).toEqual(['index.html', 'settings.json']);
    expect((await stat(site)).mode & 0o777).toBe(0o755);
  });

  it('says to people and to scripts that the list of devices is gone, the first time that it is missed', async () => {
    expect((await sealane(['id', ...profile('lost')])).code).toBe(0);
    for (const name of ['devices.json', 'devices.copy.json']) await rm(join(folder, 'lost', name));
    const { code, events } = await sealane(['devices', ...profile('lost')]);
    expect(code).toBe(0);
    expect(events).toMatchObject([{ event: 'notice', kind: 'records-lost' }]);
    expect(events[0]?.['message']).toContain('the paired devices');
  });

  it('says that the profile cannot be written when no file may have its size, and is ended by no signal', async () => {
    const program = join(import.meta.dirname, '..', '..', 'src-main', 'cli', 'main.ts');
    const args = [program, 'id', ...profile('limited')];
    // No more than 512 bytes a file.
    const limited = ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, ...args];
    const { status, signal, stdout } = spawnSync('sh', limited, { encoding: 'utf8' });
    expect({ status, signal }).toEqual({ status: 1, signal: null });
    expect(stdout).toContain('"profile-unusable"');
    expect((await sealane(['id', ...profile('limited')])).code).toBe(0);
  });
});
