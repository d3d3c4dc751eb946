import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { compareTrees } from '../support/compare.ts';
import { pairDesktops, type Desktop } from '../support/desktop.ts';
import { makeFolder } from '../support/made-folder.ts';
import { run } from '../tools/process.mjs';
import { CleanRoot } from './clean-root.ts';
import { allowInspection, command, EXECUTABLE, install, startInstalled } from './installed-app.ts';

const artifact = async (ending: string): Promise<string> =>
  join(current, (await readdir(current)).find((name) => name.endsWith(ending)) ?? '');

/** The deb, from its installation to its removal, as two people on one machine would have it. The tests go in order. */

const { current } = inject('packages');

let root: CleanRoot;
let work: string;
let before: readonly string[];
let sender: Desktop;
let receiver: Desktop;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'sealane-installed-'));
  root = await CleanRoot.make(['anna', 'bert']);
  before = await root.written();
  await install(root, await artifact('.deb'));
});
afterAll(async () => {
  await root.remove();
  await rm(work, { recursive: true, force: true });
});

const read = (path: string): Promise<string> => readFile(root.path(path), 'utf8');

describe('once it is installed', () => {
  it('the desktop finds it: an entry that is valid, takes files and links, and has icons of all sizes', async () => {
    const entry = '/usr/share/applications/sealane-desktop.desktop';
    expect(await run('desktop-file-validate', [root.path(entry)], { quiet: true })).toEqual({
      code: 0,
      output: '',
    });
    const text = await read(entry);
    expect(text).toMatch(/^Exec=\/opt\/Sealane\/sealane-desktop %U$/m);
    expect(text).toMatch(/^MimeType=.*application\/octet-stream;/m);
    expect(text).toMatch(/^MimeType=.*x-scheme-handler\/sealane;/m);
    expect(await read('/usr/share/applications/mimeinfo.cache')).toContain(
      'x-scheme-handler/sealane=sealane-desktop.desktop',
    );
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
      const icon = await readFile(
        root.path(`/usr/share/icons/hicolor/${size}x${size}/apps/sealane-desktop.png`),
      );
      expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect(await read('/usr/share/Thunar/sendto/sealane-desktop.desktop')).toContain(`Exec=${EXECUTABLE} %F`);
    expect(await read('/usr/share/doc/sealane/copyright')).toContain('MIT License');
  });

  it('the executable is no Node, whatever the environment asks', async () => {
    const env = { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '--require=/nonexistent.cjs' };
    const args = ['-e', 'console.log("I am " + "Node")', '--sealane-oh=1'];
    const { code, output } = await root.run([EXECUTABLE, ...args], 'anna', env);
    expect(output).toContain('--sealane-oh is not an option');
    expect(output).not.toMatch(/I am Node|nonexistent\.cjs/);
    expect(code).toBe(2);
  });

  it('the executable cannot be inspected', async () => {
    const { output } = await root.run([EXECUTABLE, '--inspect=0', '--sealane-oh=1'], 'anna');
    expect(output).toContain('--sealane-oh is not an option');
    expect(output).not.toContain('Debugger listening');
  });
});

describe('the command sealane', () => {
  it('is there, and answers without a display', async () => {
    const { code, output } = await command(root, 'anna', ['--help']);
    expect(output).toMatch(/^Usage: sealane/);
    expect(code).toBe(0);
  });

  it('speaks JSON, one object a line and nothing else, and keeps its exit codes', async () => {
    const id = await command(root, 'anna', ['id', '--json']);
    expect(JSON.parse(id.output)).toMatchObject({ event: 'id' });
    expect(id.code).toBe(0);
    const mistyped = await command(root, 'anna', ['sned', '--json']);
    expect(JSON.parse(mistyped.output)).toMatchObject({ event: 'error', code: 'usage' });
    expect(mistyped.code).toBe(2);
    const stranger = await command(root, 'anna', ['send', 'nobody', '/etc/hostname', '--json']);
    expect(JSON.parse(stranger.output)).toMatchObject({ event: 'error' });
    expect(stranger.code).not.toBe(0);
  });

  it('says which version it is', async () => {
    const { code, output } = await command(root, 'anna', ['--version']);
    expect(code).toBe(0);
    expect(output).toMatch(/^\d+\.\d+\.\d+\r?\n$/);
  });

  it('takes arguments that Chromium would take for its own', async () => {
    const { code, output } = await command(root, 'anna', ['id', '--type=renderer']);
    expect(output).toContain("unknown option '--type=renderer'");
    expect(code).toBe(2);
  });

  it('can be piped into', async () => {
    const { code, output } = await root.run(
      ['sh', '-c', 'echo not-an-invite | env -u DISPLAY sealane pair - --json'],
      'anna',
    );
    expect(JSON.parse(output)).toMatchObject({ event: 'error', code: 'invite-malformed' });
    expect(code).toBe(1);
  });
});

/** Pairs two profiles and sends a folder from one to the other, as a script on two servers would. */
const SCRIPT = `
set -eu
wait_for() { until grep -q "$1" "$2"; do sleep 0.1; done; }
field() { sed -n "s/.*\\"$1\\":\\"\\{0,1\\}\\([^,\\"}]*\\).*/\\1/p" "$2" | head -n 1; }
mkdir -p servers/Backup/empty servers/loads && cd servers
# The loader tells which libraries were opened by whom.
export LD_DEBUG=files LD_DEBUG_OUTPUT=loads/of
echo content > Backup/file && head -c 3000000 /dev/urandom > Backup/large
sealane invite --yes --json --profile one --listen 127.0.0.1:0 > invite.log &
wait_for link invite.log
field link invite.log | sealane pair - --yes --json --profile two --listen 127.0.0.1:0 > pair.log
wait $!
sealane receive --once --accept always --into inbox --json --profile two --listen 127.0.0.1:0 > receive.log &
wait_for ready receive.log
sealane send "$(hostname)" Backup --to "127.0.0.1:$(field port receive.log)" --json --profile one > send.log
wait $!
diff -r Backup inbox/Backup
echo the same
`;

describe('the command on two servers', () => {
  it('pairs, sends and receives, its workers and the native library out of the archive', async () => {
    const { code, output } = await root.run(['env', '-u', 'DISPLAY', 'sh', '-c', SCRIPT], 'anna');
    expect(output).toMatch(/the same\n$/);
    expect(code).toBe(0);
    const send = await read('/home/anna/servers/send.log');
    const events = send
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(events.length).toBeGreaterThan(1);
    // The slow one would have taken its place without a word.
    const loaded = await root.run(
      ['sh', '-c', 'cat servers/loads/* | grep -c "calling init: .*sodium-native.node"'],
      'anna',
    );
    expect(Number(loaded.output)).toBe(2);
  }, 120_000);
});

describe('two people with the installed app', () => {
  const source = '/home/anna/Holiday';

  it('pair, with the sandbox on', async () => {
    await allowInspection(root);
    await makeFolder(root.path(source), { largeBytes: 8 * 1024 * 1024, smallFiles: 60 });
    await root.run(['chown', '-R', 'anna:anna', source]);
    [sender, receiver] = await Promise.all([
      startInstalled(root, 'Anna', 'anna'),
      startInstalled(root, 'Bert', 'bert'),
    ]);
    expect(await sender.app.evaluate(({ app }) => app.isPackaged)).toBe(true);
    expect(await sender.app.evaluate(({ app }) => app.commandLine.hasSwitch('no-sandbox'))).toBe(false);
    expect(await pairDesktops(sender, receiver)).toMatch(/^\d{3} \d{3}$/);
  });

  it('one opens a folder with it, is asked where to, and the other gets it whole', async () => {
    await sender.app.evaluate(({ dialog }) => {
      dialog.showMessageBox = (...args: readonly unknown[]) => {
        Reflect.set(globalThis, 'asked', args.at(-1));
        return Promise.resolve({ response: 0, checkboxChecked: false });
      };
    });
    // A second start hands over to the first, as a file manager's "Open with" does.
    await root.run([EXECUTABLE, `file://${source}`], 'anna');
    await receiver.accept('Anna');
    const watched = await receiver.watch('Holiday from Anna');
    expect(watched.states.at(-1)).toBe('done');
    const asked: unknown = await sender.app.evaluate(() => Reflect.get(globalThis, 'asked') as unknown);
    expect(asked).toMatchObject({
      message: 'Send this to which device?',
      buttons: ['To “Bert”', 'Cancel'],
      defaultId: 1,
    });
    const compared = await compareTrees(root.path(source), root.path('/home/bert/inbox/Holiday'));
    expect(compared).toMatchObject({ differenceCount: 0, executables: 1 });
    expect(compared.files).toBeGreaterThan(60);
    expect(sender.complaints).toEqual([]);
    expect(receiver.complaints).toEqual([]);
  });

  it('close it', async () => {
    await sender.close();
    await receiver.close();
  });
});

describe('once it is removed', () => {
  it('nothing of it is left, and everything that was received is', async () => {
    const removed = await root.run(['dpkg', '--purge', 'sealane']);
    expect(removed).toMatchObject({ code: 0 });
    // Other packages may have put things into /opt.
    expect(removed.output).not.toMatch(/warning(?!.*'\/opt' not empty)/);

    const known = new Set(before);
    const left = (await root.written()).filter((path) => !known.has(path));
    // What every installation leaves in the books of the system, of whatever package.
    const books =
      /^\/(var\/(lib\/dpkg|log|cache)\/|usr\/share\/(applications\/mimeinfo|icons\/hicolor\/icon-theme)\.cache$|tmp\/|run\/)/;
    const strangers = left.filter(
      (path) => !books.test(path) && !path.startsWith('/home/') && !path.endsWith('/'),
    );
    expect(strangers).toEqual([]);
    expect(
      left.filter((path) => /sealane/i.test(path) && !path.startsWith('/home/') && !path.startsWith('/tmp/')),
    ).toEqual([]);
    expect(await read('/usr/share/applications/mimeinfo.cache')).not.toContain('sealane');
    expect((await root.run(['sh', '-c', 'command -v sealane'], 'anna')).code).not.toBe(0);
    expect((await root.run(['test', '-e', '/opt/Sealane'])).code).toBe(1);

    const compared = await compareTrees(
      root.path('/home/anna/Holiday'),
      root.path('/home/bert/inbox/Holiday'),
    );
    expect(compared.differenceCount).toBe(0);
    // The users' own keys and settings stay, as everywhere on Debian: docs/release.md says where they are.
    const homes = left.filter(
      (path) => path.startsWith('/home/bert/') && !path.startsWith('/home/bert/inbox/'),
    );
    expect(
      homes.filter((path) => !/^\/home\/bert\/\.(config\/(Sealane|sealane)?|cache|pki|local)/.test(path)),
    ).toEqual([]);
  });
});

describe('the other packages', () => {
  it('the rpm installs, brings the command, and goes without a trace', async () => {
    const known = new Set(await root.written());
    // Debian’s rpm knows of none of the libraries that are there.
    const installed = await root.run([
      'rpm',
      '--install',
      '--nodeps',
      '--force-debian',
      await artifact('.rpm'),
    ]);
    expect(installed).toEqual({ code: 0, output: '' });
    expect((await command(root, 'anna', ['id', '--json'])).code).toBe(0);
    expect(await read('/usr/share/applications/mimeinfo.cache')).toContain('x-scheme-handler/sealane=');
    expect(await root.run(['rpm', '--erase', 'sealane'])).toMatchObject({ code: 0 });
    expect((await root.run(['test', '-e', '/opt/Sealane'])).code).toBe(1);
    const left = (await root.written()).filter(
      (path) => !known.has(path) && !/^\/(var\/(lib\/rpm|tmp)|root)\//.test(path),
    );
    expect(left.filter((path) => !path.startsWith('/home/anna/') && !path.startsWith('/tmp/'))).toEqual([]);
  });

  it('the tar.gz runs from wherever it was unpacked', async () => {
    const unpack = [
      'tar',
      '--extract',
      '--gzip',
      '--strip-components=1',
      '--directory=app',
      '--file',
      await artifact('.tar.gz'),
    ];
    expect((await root.run(['mkdir', 'app'], 'bert')).code).toBe(0);
    const { code } = await root.run([
      'sh',
      '-c',
      `cd /home/bert && ${unpack.join(' ')} && ln -s /home/bert/app/sealane /usr/local/bin/sealane`,
    ]);
    expect(code).toBe(0);
    const ran = await command(root, 'bert', ['id', '--json']);
    expect(JSON.parse(ran.output)).toMatchObject({ event: 'id' });
  });
});
