import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process.mjs';
import { normalizeTree } from './normalize.mjs';

/**
 * Every regular file below a folder, by its path below it, sorted.
 *
 * @param {string} folder
 * @param {string} [below]
 * @returns {Promise<string[]>}
 */
export async function filesIn(folder, below = '') {
  const names = (await readdir(join(folder, below))).sort();
  const found = [];
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    if ((await lstat(join(folder, path))).isDirectory()) found.push(...(await filesIn(folder, path)));
    else found.push(path);
  }
  return found;
}

/** @param {string} path */
async function md5(path) {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(/** @type {Buffer} */ (chunk));
  return hash.digest('hex');
}

/**
 * A description as control files want it: the first line alone, the others indented, empty ones as a dot.
 *
 * @param {string} text
 */
const folded = (text) =>
  text
    .split('\n')
    .map((line, index) => (index === 0 ? line.trim() : ` ${line.trim() === '' ? '.' : line.trim()}`))
    .join('\n');

/**
 * @param {import('./fpm.mjs').PackageRequest} request
 * @param {string} tree the files as they will lie; gets a DEBIAN folder
 */
export async function buildDeb(request, tree) {
  const files = await filesIn(tree);
  let bytes = 0;
  const sums = [];
  for (const file of files) {
    bytes += (await lstat(join(tree, file))).size;
    sums.push(`${await md5(join(tree, file))}  ${file}\n`);
  }
  const control = join(tree, 'DEBIAN');
  await mkdir(control);
  const fields = [
    ['Package', request.name],
    ['Version', request.version],
    ['Architecture', request.architecture],
    ['Maintainer', request.maintainer],
    ['Installed-Size', String(Math.ceil(bytes / 1024))],
    ['Depends', request.depends.join(', ')],
    ['Recommends', request.recommends.join(', ')],
    ['Section', 'net'],
    ['Priority', request.priority],
    ['Homepage', request.url],
    ['Description', folded(request.description)],
  ];
  const lines = fields.filter(([, value]) => value !== '').map(([field, value]) => `${field}: ${value}\n`);
  await writeFile(join(control, 'control'), lines.join(''));
  await writeFile(join(control, 'md5sums'), sums.join(''));
  await copyFile(request.afterInstall, join(control, 'postinst'));
  await copyFile(request.afterRemove, join(control, 'postrm'));
  await run('chmod', ['755', join(control, 'postinst'), join(control, 'postrm')], { quiet: true });
  await normalizeTree(control);
  await normalizeTree(tree);
  const kind = request.compression === 'gz' ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6'];
  const { code, output } = await run(
    'dpkg-deb',
    [...kind, '--root-owner-group', '--build', tree, request.output],
    { quiet: true },
  );
  if (code !== 0) throw new Error(`dpkg-deb failed:\n${output}`);
}
