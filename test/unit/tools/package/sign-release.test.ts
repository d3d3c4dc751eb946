import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifest } from '../../../../src-main/desktop/update/manifest.ts';
import { root } from '../../../tools/paths.mjs';

/** The job that signs a release: real files, and the script as it runs there, where no package of others is installed. */

const VERSION = '0.2.0';
const TAG = `v${VERSION}`;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const trusted = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

const FILES = [
  'sealane-0.2.0-linux-amd64.deb',
  'sealane-0.2.0-linux-x86_64.rpm',
  'sealane-0.2.0-linux-x86_64.AppImage',
  'sealane-0.2.0-linux-x64.tar.gz',
  'sealane-0.2.0-win-x64-setup.exe',
  'sealane-0.2.0-win-x64-portable.exe',
  'sealane-0.2.0-mac-universal.dmg',
  'sealane-0.2.0-mac-universal.zip',
  'sealane-linux.cdx.json',
  'sealane-win32.cdx.json',
  'sealane-darwin.cdx.json',
];
const [DEB = ''] = FILES;

let folder: string;
let checkout: string;
let out: string;
let digests: string;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A checkout as the job has it: files of the repository, and no node_modules here or above. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-sign-'));
  checkout = join(folder, 'checkout');
  out = join(folder, 'out');
  await mkdir(checkout);
  for (const name of ['shared', 'src-main', 'test/tools', 'package.json'])
    await cp(join(root, name), join(checkout, name), { recursive: true });
  await mkdir(out);
  for (const name of FILES) await writeFile(join(out, name), `content of ${name}`);
  digests = FILES.map((name) => `${sha256(`content of ${name}`)}  ${name}`).join('\n');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join('test', 'tools', 'package', 'sign-release.ts'), ...args], {
      cwd: checkout,
      env: { SOURCE_DATE_EPOCH: '1800000000', SEALANE_DIGESTS: digests, SEALANE_UPDATE_KEY: key, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}

const sign = (env: Readonly<Record<string, string>> = {}) => run([out, VERSION], env);

async function manifestFor(platform: string, arch: string, now: number) {
  const name = `update-${platform}-${platform === 'darwin' ? 'universal' : arch}.json`;
  const text = await readFile(join(out, name), 'utf8');
  const signature = await readFile(join(out, `${name}.sig`), 'utf8');
  return readManifest(text, signature, [trusted], { platform, arch, now });
}

/** Every manifest and signature, by its name. */
async function manifests(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of await readdir(out))
    if (name.startsWith('update-')) found[name] = await readFile(join(out, name), 'utf8');
  return found;
}

async function copyPair(from: string, to: string): Promise<void> {
  for (const end of ['json', 'json.sig'])
    await cp(join(out, `update-${from}.${end}`), join(out, `update-${to}.${end}`));
}

const released = 1_800_000_000_000;

describe('the job that signs', () => {
  it('writes a manifest for each system, which an app of that system reads', async () => {
    const ran = await sign();
    expect(ran).toMatchObject({ code: 0 });
    const seen = [];
    for (const [platform, arch] of [
      ['linux', 'x64'],
      ['win32', 'x64'],
      ['darwin', 'arm64'],
    ] as const) {
      const manifest = await manifestFor(platform, arch, released);
      expect(manifest).toMatchObject({ platform, version: VERSION, releaseDate: '2027-01-15T08:00:00.000Z' });
      expect(Date.parse(manifest.expires)).toBeGreaterThan(Date.now());
      for (const { url, sha512, size } of manifest.files) {
        const content = `content of ${url}`;
        expect(sha512).toBe(createHash('sha512').update(content).digest('base64'));
        expect(size).toBe(content.length);
        seen.push(url);
      }
    }
    expect(seen.sort()).toEqual(
      FILES.filter((name) => /deb$|rpm$|AppImage$|setup\.exe$|zip$/.test(name)).sort(),
    );
  });

  it('lists everything and the manifest for sha256sum', async () => {
    await sign();
    for (const [platform, count] of [
      ['linux', 6],
      ['win32', 4],
      ['darwin', 4],
    ] as const) {
      const lines = (await readFile(join(out, `SHA256SUMS-${platform}`), 'utf8')).trim().split('\n');
      expect(lines).toHaveLength(count);
      for (const line of lines) {
        const [sum, name = ''] = line.split('  ');
        expect(sha256(await readFile(join(out, name), 'utf8'))).toBe(sum);
      }
    }
  });

  it('signs nothing without a key, and says so', async () => {
    const { code, output } = await sign({ SEALANE_UPDATE_KEY: '' });
    expect(code).toBe(0);
    expect(output).toContain('no app will be told');
    expect((await readdir(out)).filter((name) => name.startsWith('update-'))).toEqual([]);
  });

  it.each([
    ['a file differs in one byte', () => writeFile(join(out, DEB), `Content of ${DEB}`)],
    ['a file is missing', () => rm(join(out, DEB))],
    ['a file has another name', () => rename(join(out, DEB), join(out, 'sealane-0.2.0-linux-arm64.deb'))],
    ['there is one more file', () => writeFile(join(out, 'sealane-0.2.0-linux-arm64.deb'), 'more')],
    ['there is a folder', () => mkdir(join(out, 'more'))],
    [
      'a link takes the place of a file',
      async () => {
        await rename(join(out, DEB), join(folder, DEB));
        await symlink(join(folder, DEB), join(out, DEB));
      },
    ],
  ])('signs nothing when, after the build, %s', async (_what, act) => {
    await act();
    const { code, output } = await sign();
    expect(code).toBe(1);
    expect(output).toMatch(/^sign-release: /m);
    expect((await readdir(out)).filter((name) => /^update-|^SHA256/.test(name))).toEqual([]);
  });

  it.each([
    ['there are none', () => ''],
    ['one is cut', () => digests.slice(3)],
    ['one leads elsewhere', () => `${digests}\n${sha256('x')}  ../x`],
    ['one is there twice', () => `${digests}\n${sha256('x')}  ${DEB}`],
    ['one is for something that belongs to no release', () => `${digests}\n${sha256('x')}  evil.sh`],
  ])('signs nothing when, of the digests, %s', async (_what, list) => {
    if (list().includes('evil.sh')) await writeFile(join(out, 'evil.sh'), 'x');
    expect(await sign({ SEALANE_DIGESTS: list() })).toMatchObject({ code: 1 });
    expect((await readdir(out)).filter((name) => /^update-|^SHA256/.test(name))).toEqual([]);
  });

  it('signs nothing under a version that the files are not of', async () => {
    const { code, output } = await run([out, '0.3.0']);
    expect(code).toBe(1);
    expect(output).toContain('is not of version 0.3.0');
    expect((await readdir(out)).filter((name) => /^update-|^SHA256/.test(name))).toEqual([]);
  });

  it('signs manifests anew that it has signed before, and only those', async () => {
    await sign();
    const before = await manifestFor('linux', 'x64', released);
    expect(await run(['--renew', out, TAG])).toMatchObject({ code: 0 });
    const after = await manifestFor('linux', 'x64', released);
    expect({ ...after, expires: '' }).toEqual({ ...before, expires: '' });
    expect(Date.parse(after.expires)).toBeGreaterThan(Date.parse(before.expires));

    const name = join(out, 'update-linux-x64.json');
    await writeFile(name, (await readFile(name, 'utf8')).replace(VERSION, '9.9.9'));
    const { code, output } = await run(['--renew', out, TAG]);
    expect(code).toBe(1);
    expect(output).toContain('not renewed');
  });

  it('renews no manifest of an earlier release under the tag of a later one', async () => {
    await sign();
    const earlier = await manifests();
    // Who holds the assets of a release puts an old pair among those of the new one, or all of the old release.
    expect(await run(['--renew', out, 'v0.3.0'])).toMatchObject({ code: 1 });
    expect(await manifests()).toEqual(earlier);
    for (const name of await readdir(out)) {
      if (name.startsWith('sealane-0.2.0-'))
        await rename(join(out, name), join(out, name.replace('0.2.0', '0.3.0')));
    }
    const { code, output } = await run(['--renew', out, 'v0.3.0']);
    expect(code).toBe(1);
    expect(output).toContain('is not the manifest of v0.3.0');
    expect(await manifests()).toEqual(earlier);
  });

  it.each([
    ['a file of the release differs in one byte', () => writeFile(join(out, DEB), `Content of ${DEB}`)],
    ['a file that it lists is not in the release', () => rm(join(out, DEB))],
    [
      'the release has a file that it does not list',
      () => writeFile(join(out, 'sealane-0.2.0-linux-x64.rpm'), 'more'),
    ],
    ['the manifest of another system lies under its name', () => copyPair('win32-x64', 'linux-x64')],
    ['a manifest is there for a system without files', () => copyPair('linux-x64', 'linux-arm64')],
    ['the manifest of one system is missing', () => rm(join(out, 'update-win32-x64.json'))],
    ['a manifest has no signature', () => rm(join(out, 'update-win32-x64.json.sig'))],
  ])('renews nothing at all when %s', async (_what, act) => {
    await sign();
    await act();
    const before = await manifests();
    const { code, output } = await run(['--renew', out, TAG]);
    expect(code).toBe(1);
    expect(output).toMatch(/^sign-release: /m);
    expect(await manifests()).toEqual(before);
  });

  it.each(['', VERSION, 'v0.2', 'refs/tags/v0.2.0', 'v0.2.0 --x'])(
    'renews nothing for the tag “%s”',
    async (tag) => {
      await sign();
      const before = await manifests();
      expect(await run(['--renew', out, tag])).toMatchObject({ code: 1 });
      expect(await manifests()).toEqual(before);
    },
  );
});

describe('the build', () => {
  it('does not begin where the key of the updates could be read', async () => {
    const program = join(root, 'test', 'tools', 'package', 'package.ts');
    const env = { ...process.env, SEALANE_UPDATE_KEY: key };
    const child = spawn(process.execPath, [program, '--dev-runtime', `--out=${join(folder, 'made')}`], {
      env,
    });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(1);
    expect(output).toContain('SEALANE_UPDATE_KEY');
    expect(output).not.toContain(key);
  });
});
