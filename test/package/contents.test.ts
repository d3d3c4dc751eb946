import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import asar from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { updateSource } from '../../src-main/desktop/update/source.ts';
import { filesIn } from '../tools/package/deb.mjs';
import { addOnPackages, shippedPackages } from '../tools/package/shipped.ts';
import { run } from '../tools/process.mjs';

/** Opens what was made, and looks. */

const { current } = inject('packages');
const unpacked = join(current, 'linux-unpacked');
const resources = join(unpacked, 'resources');
const archive = join(resources, 'app.asar');
const MIB = 1024 * 1024;

const manifestSchema = z.looseObject({ main: z.string(), name: z.string(), version: z.string() });

async function artifact(ending: string): Promise<string> {
  const name = (await readdir(current)).find((each) => each.endsWith(ending));
  if (name === undefined) throw new Error(`there is no ${ending}`);
  return join(current, name);
}

async function output(program: string, ...args: readonly string[]): Promise<string> {
  const ran = await run(program, args, { quiet: true });
  if (ran.code !== 0) throw new Error(`${program} ended with ${ran.code}: ${ran.output}`);
  return ran.output;
}

interface Packed {
  readonly path: string;
  readonly unpacked: boolean;
  readonly hash: string;
}

const entrySchema = z.object({
  files: z.record(z.string(), z.unknown()).optional(),
  unpacked: z.boolean().optional(),
  integrity: z.object({ algorithm: z.literal('SHA256'), hash: z.string() }).optional(),
});

/** Every file of the archive, as its header tells of it. */
function packedFiles(entry: unknown, path = ''): readonly Packed[] {
  const { files, unpacked: outside = false, integrity } = entrySchema.parse(entry);
  if (files !== undefined) {
    return Object.entries(files).flatMap(([name, below]) =>
      packedFiles(below, path === '' ? name : `${path}/${name}`),
    );
  }
  if (integrity === undefined) throw new Error(`${path} has no integrity`);
  return [{ path, unpacked: outside, hash: integrity.hash }];
}

const addOnLibraries = ['fs-native-extensions', 'sodium-native'].map(
  (name) => `node_modules/${name}/prebuilds/linux-x64/${name}.node`,
);

const packed = packedFiles(asar.getRawHeader(archive).header);
const manifest: unknown = JSON.parse(asar.extractFile(archive, 'package.json').toString('utf8'));

describe('the archive of the app', () => {
  it('has the bundles, the manifest and the add-ons, and nothing else', () => {
    const strangers = packed.filter(
      ({ path }) =>
        !/^dist\/main\/[\w.-]+\.js$/.test(path) &&
        path !== 'dist/preload/preload.cjs' &&
        !/^dist\/renderer\/(index\.html|assets\/[\w.-]+\.(js|css|woff2|svg))$/.test(path) &&
        path !== 'package.json' &&
        !/^node_modules\/[\w-]+\/([\w-]+\/)*([\w.-]+\.js|package\.json|LICENSE)$/.test(path) &&
        !addOnLibraries.includes(path),
    );
    expect(strangers).toEqual([]);
    const modules = new Set(packed.flatMap(({ path }) => /^node_modules\/([^/]+)/.exec(path)?.[1] ?? []));
    expect([...modules].sort()).toEqual(addOnPackages);
  });

  it('vouches for every file with a hash, and the hashes are right', async () => {
    for (const { path, unpacked: outside, hash } of packed) {
      const content = outside
        ? await readFile(join(`${archive}.unpacked`, path))
        : asar.extractFile(archive, path);
      expect(createHash('sha256').update(content).digest('hex'), path).toBe(hash);
    }
  });

  it('has two native libraries, those of this platform, each in a file of its own', async () => {
    const libraries = packed.filter(({ path }) => path.endsWith('.node'));
    expect(libraries).toMatchObject([{ unpacked: true }, { unpacked: true }]);
    const outside = await filesIn(`${archive}.unpacked`);
    expect(
      outside.filter((path) => !/^node_modules\/(fs-native-extensions|sodium-native)\//.test(path)),
    ).toEqual([]);
    expect((await filesIn(unpacked)).filter((path) => path.endsWith('.node')).sort()).toEqual(
      addOnLibraries.map((path) => `resources/app.asar.unpacked/${path}`),
    );
  });

  it('has a manifest without scripts and development dependencies, with the update server and its key', () => {
    expect(manifestSchema.parse(manifest)).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).toMatchObject({ main: 'dist/main/main.js', desktopName: 'sealane-desktop.desktop' });
    expect(updateSource(manifest)?.keys).toHaveLength(1);
  });

  it('is the only application that the runtime would load', async () => {
    expect(await readdir(resources)).not.toContain('default_app.asar');
    expect(await readdir(resources)).not.toContain('app');
  });
});

/** How a fuse is written in the executable. */
const off = '0'.charCodeAt(0);
const on = '1'.charCodeAt(0);

it('the fuses are set, read back from the executable', async () => {
  const wire = await getCurrentFuseWire(join(unpacked, 'sealane-desktop'));
  expect(wire).toMatchObject({
    [FuseV1Options.RunAsNode]: off,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
    [FuseV1Options.EnableNodeCliInspectArguments]: off,
    [FuseV1Options.EnableCookieEncryption]: on,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
    [FuseV1Options.OnlyLoadAppFromAsar]: on,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
  });
});

describe('what lies beside the code', () => {
  it('the licences of everything that was built in', async () => {
    const text = await readFile(join(resources, 'licences', 'THIRD-PARTY.txt'), 'utf8');
    const packages = await shippedPackages();
    expect(packages.length).toBeGreaterThan(40);
    for (const { name, version, license } of packages)
      expect(text).toContain(`\n${name} ${version} (${license})\n`);
    expect(await readFile(join(resources, 'licences', 'LICENSE.txt'), 'utf8')).toContain('MIT License');
    for (const name of ['LICENSE.electron.txt', 'LICENSES.chromium.html']) {
      expect((await stat(join(unpacked, name))).size).toBeGreaterThan(1000);
    }
  });

  it('a bill of materials that has what is shipped, and the runtime, and no tools', async () => {
    const bill = z
      .object({
        bomFormat: z.literal('CycloneDX'),
        specVersion: z.string(),
        components: z.array(z.object({ name: z.string(), version: z.string(), purl: z.string() })),
        dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
      })
      .parse(JSON.parse(await readFile(join(current, 'sealane-linux.cdx.json'), 'utf8')));
    const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
    for (const { name, version } of await shippedPackages()) expect(listed).toContain(`${name}@${version}`);
    expect(listed.filter((each) => each.startsWith('electron ('))).toHaveLength(1);
    expect(listed.filter((each) => /^(vitest|vite|typescript|eslint|electron-builder)@/.test(each))).toEqual(
      [],
    );
    expect(bill.dependencies.length).toBeGreaterThan(40);
  });

  it('checksums that the usual tool confirms', async () => {
    const sums = join(current, 'SHA256SUMS-linux');
    const { code } = await run('sha256sum', ['--check', '--strict', sums], { cwd: current, quiet: true });
    expect(code).toBe(0);
    const listed = (await readFile(sums, 'utf8')).trim().split('\n');
    expect(listed.map((line) => line.replace(/^.*\./, '')).sort()).toEqual(['deb', 'gz', 'json', 'rpm']);
  });

  it('names that say it is no release', async () => {
    const names = (await readdir(current)).filter((name) => /\.(deb|rpm|gz)$/.test(name));
    expect(names).toHaveLength(3);
    for (const name of names) expect(name).toContain('-devruntime-');
  });

  it('no more than docs/release.md accounts for', async () => {
    expect((await stat(archive)).size).toBeLessThan(5 * MIB);
    let whole = 0;
    for (const path of await filesIn(unpacked)) whole += (await stat(join(unpacked, path))).size;
    expect(whole).toBeLessThan(250 * MIB);
    expect(await readdir(join(unpacked, 'locales'))).toEqual(['en-US.pak']);
  });
});

describe('the packages', () => {
  it('deb and rpm have the same files, all of root’s, none that others could write', async () => {
    const listing = await output('dpkg-deb', '--contents', await artifact('.deb'));
    const lines = listing
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/));
    for (const [mode = '', owner] of lines) {
      expect(owner).toBe('root/root');
      expect(mode).toMatch(/^[-dl]rw[-x]r-[-x]r-[-x]$/);
    }
    const inDeb = lines.filter(([mode]) => mode?.startsWith('-') === true).map((line) => line[5]?.slice(1));
    const rpm = await output(
      'rpm',
      '--query',
      '--package',
      '--queryformat',
      '[%{FILEMODES:perms} %{FILENAMES}\n]',
      await artifact('.rpm'),
    );
    const inRpm = rpm
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('-'))
      .map((line) => line.slice(11));
    expect(inRpm.sort()).toEqual(inDeb.sort());
  });

  it('the deb says what it is and what it needs', async () => {
    const fields = await output('dpkg-deb', '--field', await artifact('.deb'));
    expect(fields).toMatch(/^Package: sealane$/m);
    expect(fields).toMatch(/^Architecture: amd64$/m);
    expect(fields).toMatch(/^Depends: .*libgtk-3-0 \| libgtk-3-0t64, .*libnss3/m);
    expect(fields).toMatch(/^Installed-Size: \d{6}$/m);
  });

  it('the rpm, too, and runs on its own machine', async () => {
    const format = '%{NAME} %{ARCH} %{LICENSE} %{BUILDHOST}';
    expect(await output('rpm', '--query', '--package', '--queryformat', format, await artifact('.rpm'))).toBe(
      'sealane x86_64 MIT sealane',
    );
    const scripts = await output('rpm', '--query', '--package', '--scripts', await artifact('.rpm'));
    expect(scripts).toContain('postinstall scriptlet');
    expect(scripts).not.toContain('${');
  });

  it('the archive for everybody else unpacks into one folder and knows of no package manager', async () => {
    const listing = await output('tar', '--list', '--gzip', '--file', await artifact('.tar.gz'));
    const names = listing.trim().split('\n');
    expect(names.every((name) => name.startsWith('sealane-'))).toBe(true);
    expect(names.filter((name) => /package-type|apparmor/.test(name))).toEqual([]);
    expect(names.some((name) => name.endsWith('/sealane'))).toBe(true);
  });
});
