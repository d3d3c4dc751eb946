import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  installAsRoot,
  type FetchedPackage,
  type RootRunner,
} from '../../../../src-main/desktop/update/root-install.ts';

/**
 * The helper that runs as root, run as the user who runs the tests, with recorders in the place of the system's package
 * managers. Everything else is real: the script, the files, the processes, and the attacker who exchanges files.
 */

const original = fileURLToPath(
  new URL('../../../../src-main/desktop/package/install-update', import.meta.url),
);
const SYSTEM_PATH = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin\n';
const PACKAGE_MANAGERS = ['dpkg', 'apt-get', 'zypper', 'dnf', 'yum', 'rpm'] as const;
/** The programs between which the helper waits, in its order. */
const STEPS = ['mktemp', 'head', 'sha512sum'] as const;

const genuine = randomBytes(300_000);
const foreign = randomBytes(300_000);
const refused = expect.objectContaining({ code: 'update-refused' }) as Error;
const failed = expect.objectContaining({ code: 'update-failed' }) as Error;

let folder: string;
let tools: string;
let cache: string;
let helper: string;

const digestOf = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('hex');
const quote = (text: string): string => `'${text}'`;

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(tools, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(tools, name), 0o755);
}

/** Puts recorders of what they are given in the place of these package managers; the others are not there. */
async function recordWith(...managers: readonly (typeof PACKAGE_MANAGERS)[number][]): Promise<void> {
  for (const name of managers) {
    await program(
      name,
      `for last; do :; done
       echo "${name} $*" >>${quote(join(folder, 'commands'))}
       umask >>${quote(join(folder, 'umasks'))}
       if [ -f "$last" ]; then /usr/bin/sha512sum <"$last" >>${quote(join(folder, 'installed'))}; fi`,
    );
  }
}

const linesIn = async (name: string): Promise<readonly string[]> =>
  (await readFile(join(folder, name), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');

/** Digests of everything that a package manager was given to install. */
const installed = async (): Promise<readonly string[]> =>
  (await linesIn('installed')).map((line) => line.replace(/ .*/, ''));

/** Runs the helper without pkexec. */
const runner: RootRunner = ([file = '', ...args], stdin) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: [stdin, 'ignore', 'ignore'] });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });

const fetched = (kind: FetchedPackage['kind'] = 'deb'): FetchedPackage => ({
  kind,
  path: join(cache, 'sealane'),
  sha512: createHash('sha512').update(genuine).digest('base64'),
  size: genuine.length,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-root-install-'));
  tools = join(folder, 'tools');
  cache = join(folder, 'cache');
  await mkdir(tools);
  await mkdir(cache);
  await writeFile(join(cache, 'sealane'), genuine);
  await writeFile(join(cache, 'foreign'), foreign);
  const script = await readFile(original, 'utf8');
  expect(script.split(SYSTEM_PATH)).toHaveLength(2);
  // Only these programs are reached: none of the managers that this system has.
  for (const name of ['rm', 'cat']) await symlink(`/bin/${name}`, join(tools, name));
  for (const name of STEPS) await symlink(`/usr/bin/${name}`, join(tools, name));
  helper = join(folder, 'install-update');
  await writeFile(
    helper,
    script.replace(SYSTEM_PATH, `PATH=${tools}\n`).replace('/var/tmp/', `${quote(folder)}/root-`),
  );
  await chmod(helper, 0o755);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.runIf(process.platform === 'linux')('the helper that installs as root', () => {
  it('installs the package that the manifest names, and leaves nothing behind', async () => {
    await recordWith('dpkg');
    expect(await installAsRoot(fetched(), helper, runner)).toBe(true);
    expect(await installed()).toEqual([digestOf(genuine)]);
    expect((await readdir(folder)).filter((name) => name.startsWith('root-'))).toEqual([]);
  });

  it('lets the scripts of the package make files that everybody can read, and keeps its own copy to itself', async () => {
    await recordWith('dpkg');
    const recorder = await readFile(join(tools, 'dpkg'), 'utf8');
    await program(
      'dpkg',
      `${recorder}\n/usr/bin/stat -c %a "$last" "\${last%/*}" >${quote(join(folder, 'modes'))}`,
    );
    await installAsRoot(fetched(), helper, runner);
    expect(await linesIn('umasks')).toEqual(['0022']);
    expect(await linesIn('modes')).toEqual(['600', '700']);
  });

  it('hands the package manager a file that the user cannot reach by its path', async () => {
    await recordWith('dpkg');
    await installAsRoot(fetched(), helper, runner);
    const [command = ''] = await linesIn('commands');
    expect(command).toMatch(/^dpkg --install .*root-sealane-update-\w{10}\/sealane\.deb$/);
    expect(command).not.toContain(cache);
  });

  it.each([
    ['zypper', ['zypper', 'dnf', 'yum', 'rpm']],
    ['dnf', ['dnf', 'yum', 'rpm']],
    ['yum', ['yum', 'rpm']],
    ['rpm', ['rpm']],
  ] as const)('installs an rpm with %s where that is the first there is', async (first, there) => {
    await recordWith(...there);
    expect(await installAsRoot(fetched('rpm'), helper, runner)).toBe(true);
    expect((await linesIn('commands')).map((line) => line.replace(/ .*/, ''))).toEqual([first]);
    expect(await installed()).toEqual([digestOf(genuine)]);
  });

  it('installs anew after apt has fetched what was missing, and never counts the mere repair as an update', async () => {
    await recordWith('dpkg', 'apt-get');
    const recorder = await readFile(join(tools, 'dpkg'), 'utf8');
    await program('dpkg', `${recorder}\n[ -e ${quote(join(folder, 'ready'))} ]`);
    await expect(installAsRoot(fetched(), helper, runner)).rejects.toThrow(failed);
    await program('apt-get', `touch=1; : >${quote(join(folder, 'ready'))}`);
    expect(await installAsRoot(fetched(), helper, runner)).toBe(true);
    expect(new Set(await installed())).toEqual(new Set([digestOf(genuine)]));
  });

  it.each([
    [[]],
    [['deb', digestOf(genuine)]],
    [['AppImage', digestOf(genuine), '1']],
    [['deb', 'ABC', '1']],
    [['deb', `${'a'.repeat(127)}/`, '1']],
    [['deb', digestOf(genuine), '1;id']],
    [['deb', digestOf(genuine), '']],
    [['deb', digestOf(genuine), '0']],
    [['../deb', digestOf(genuine), '1']],
  ])('does nothing with arguments that are not its own: %j', async (args) => {
    await recordWith(...PACKAGE_MANAGERS);
    const file = await open(join(cache, 'sealane'), constants.O_RDONLY);
    try {
      expect(await runner([helper, ...args], file.fd)).toBe(64);
    } finally {
      await file.close();
    }
    expect(await linesIn('commands')).toEqual([]);
  });
});

/** Ways in which a program of the user can exchange what lies in the user's cache. As a shell would do it, and as Node. */
const exchanges: Readonly<Record<string, { readonly shell: string; readonly node: () => Promise<void> }>> = {
  'another file is renamed over it': {
    shell: 'cp foreign other && mv other sealane',
    node: async () => {
      await copyFile(join(cache, 'foreign'), join(cache, 'other'));
      await rename(join(cache, 'other'), join(cache, 'sealane'));
    },
  },
  'it is written over in place': {
    shell: 'dd if=foreign of=sealane conv=notrunc status=none',
    node: async () => {
      await writeFile(join(cache, 'sealane'), foreign, { flag: 'r+' });
    },
  },
  'its last byte is changed in place': {
    shell: `printf x | dd of=sealane conv=notrunc bs=1 seek=${genuine.length - 1} status=none`,
    node: async () => {
      const file = await open(join(cache, 'sealane'), 'r+');
      await file.write('x', genuine.length - 1);
      await file.close();
    },
  },
  'it is cut short': {
    shell: 'truncate -s 1000 sealane',
    node: () => truncate(join(cache, 'sealane'), 1000),
  },
  'a link to another takes its place': {
    shell: 'ln -sf foreign sealane',
    node: async () => {
      await rm(join(cache, 'sealane'));
      await symlink('foreign', join(cache, 'sealane'));
    },
  },
};

describe.runIf(process.platform === 'linux')(
  'a file that is exchanged after it was fetched and verified is never installed',
  () => {
    for (const [what, exchange] of Object.entries(exchanges)) {
      for (const kind of ['deb', 'rpm'] as const) {
        it(`a ${kind}, when ${what} before it is opened`, async () => {
          await recordWith('dpkg', 'rpm');
          await exchange.node();
          await expect(installAsRoot(fetched(kind), helper, runner)).rejects.toThrow();
          expect(await linesIn('commands')).toEqual([]);
        });

        it(`a ${kind}, when ${what} between its opening and the helper`, async () => {
          await recordWith('dpkg', 'rpm');
          const late: RootRunner = async (command, stdin) => {
            await exchange.node();
            return await runner(command, stdin);
          };
          await installAsRoot(fetched(kind), helper, late).catch(() => undefined);
          expect((await installed()).filter((digest) => digest !== digestOf(genuine))).toEqual([]);
        });

        it.each(STEPS.flatMap((step) => [`before ${step}`, `after ${step}`]))(
          `a ${kind}, when ${what} %s has run as root`,
          async (when) => {
            await recordWith('dpkg', 'rpm');
            const [order = '', step = ''] = when.split(' ');
            const act = `(cd ${quote(cache)} && PATH=/usr/bin:/bin && ${exchange.shell})`;
            await rm(join(tools, step));
            const real = `/usr/bin/${step} "$@" || exit`;
            await program(step, order === 'before' ? `${act}\n${real}` : `${real}\n${act}`);
            await installAsRoot(fetched(kind), helper, runner).catch(() => undefined);
            expect((await installed()).filter((digest) => digest !== digestOf(genuine))).toEqual([]);
            expect(digestOf(await readFile(join(cache, 'sealane')))).not.toBe(digestOf(genuine));
          },
        );
      }
    }

    it('while a program of the user writes one and the other into it as fast as it can', async () => {
      await recordWith('dpkg');
      const writer = spawn('/bin/sh', ['-c', 'while :; do cp foreign sealane; cp genuine sealane; done'], {
        cwd: cache,
        stdio: 'ignore',
      });
      try {
        await writeFile(join(cache, 'genuine'), genuine);
        for (let tries = 0; tries < 40; tries += 1) {
          await installAsRoot(fetched(), helper, runner).catch(() => undefined);
        }
      } finally {
        writer.kill('SIGKILL');
      }
      expect((await installed()).filter((digest) => digest !== digestOf(genuine))).toEqual([]);
    });
  },
);

describe.runIf(process.platform === 'linux')('the app, when root does not install', () => {
  it('says that the update was refused when the file is another', async () => {
    await recordWith('dpkg');
    await writeFile(join(cache, 'sealane'), foreign);
    await expect(installAsRoot(fetched(), helper, runner)).rejects.toThrow(refused);
  });

  it('takes a password dialogue that was closed for a no', async () => {
    expect(await installAsRoot(fetched(), helper, () => Promise.resolve(126))).toBe(false);
  });

  it('says that installing failed when the package manager does, the file is gone, or it is none', async () => {
    await program('dpkg', 'exit 2');
    await program('apt-get', 'exit 100');
    await expect(installAsRoot(fetched(), helper, runner)).rejects.toThrow(failed);
    await rm(join(cache, 'sealane'));
    await expect(installAsRoot(fetched(), helper, runner)).rejects.toThrow(failed);
    await mkdir(join(cache, 'sealane'));
    await expect(installAsRoot(fetched(), helper, runner)).rejects.toThrow(failed);
  });
});
