#!/usr/bin/env node
// Makes a deb or an rpm with the distributions' own tools, for electron-builder, which calls a program named fpm and would
// download it. Understands what electron-builder says and refuses the rest. Every file has the time SOURCE_DATE_EPOCH.
import { cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildDeb } from './deb.mjs';
import { normalizeTree } from './normalize.mjs';
import { buildRpm } from './rpm.mjs';

/**
 * @typedef {object} PackageRequest
 * @property {string} format deb or rpm
 * @property {string} name
 * @property {string} version
 * @property {string} architecture as the format calls it
 * @property {string} maintainer
 * @property {string} vendor
 * @property {string} url
 * @property {string} license
 * @property {string} category
 * @property {string} priority
 * @property {string} description for a deb its first line is the synopsis
 * @property {string} summary for an rpm
 * @property {readonly string[]} depends
 * @property {readonly string[]} recommends
 * @property {string} compression
 * @property {string} afterInstall a file
 * @property {string} afterRemove a file
 * @property {string} output the package to write
 */

const single = new Map([
  ['-s', 'source'],
  ['-t', 'format'],
  ['--architecture', 'architecture'],
  ['--after-install', 'afterInstall'],
  ['--after-remove', 'afterRemove'],
  ['--description', 'description'],
  ['--version', 'version'],
  ['--package', 'output'],
  ['--name', 'name'],
  ['--maintainer', 'maintainer'],
  ['--vendor', 'vendor'],
  ['--url', 'url'],
  ['--category', 'category'],
  ['--deb-priority', 'priority'],
  ['--deb-compression', 'compression'],
  ['--rpm-compression', 'compression'],
  ['--rpm-summary', 'summary'],
  ['--rpm-os', 'os'],
  ['--license', 'license'],
]);

/**
 * @param {readonly string[]} args
 * @returns {{ request: PackageRequest, mappings: [string, string][] }}
 */
export function parseRequest(args) {
  /** @type {Record<string, string>} */
  const found = {};
  const depends = [];
  const recommends = [];
  /** @type {[string, string][]} */
  const mappings = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const key = single.get(arg);
    if (arg === '--force') continue;
    if (key !== undefined) found[key] = args[(index += 1)] ?? '';
    else if (arg === '-d') depends.push(args[(index += 1)] ?? '');
    else if (arg === '--deb-recommends') recommends.push(args[(index += 1)] ?? '');
    else if (!arg.startsWith('-') && arg.includes('=')) {
      const at = arg.indexOf('=');
      mappings.push([arg.slice(0, at), arg.slice(at + 1)]);
    } else throw new Error(`fpm.mjs does not know ${arg}`);
  }
  const text = (/** @type {string} */ key) => {
    const value = found[key];
    if (value === undefined) throw new Error(`fpm.mjs was not told ${key}`);
    return value;
  };
  return {
    mappings,
    request: {
      format: text('format'),
      name: text('name'),
      version: text('version'),
      architecture: text('architecture'),
      maintainer: text('maintainer'),
      vendor: text('vendor'),
      url: text('url'),
      license: text('license'),
      category: found['category'] ?? 'net',
      priority: found['priority'] ?? 'optional',
      description: text('description'),
      summary: found['summary'] ?? text('description'),
      depends,
      recommends,
      compression: text('compression'),
      afterInstall: text('afterInstall'),
      afterRemove: text('afterRemove'),
      output: resolve(text('output')),
    },
  };
}

/**
 * Lays the files where they go: `DIR/=/place` puts what is in DIR into the place, `FILE=/place` puts a file there.
 *
 * @param {readonly [string, string][]} mappings
 * @param {string} tree
 */
async function lay(mappings, tree) {
  for (const [from, to] of mappings) {
    const place = join(tree, to);
    if ((await lstat(from)).isDirectory()) {
      await mkdir(place, { recursive: true });
      for (const name of await readdir(from)) {
        await cp(join(from, name), join(place, name), { recursive: true, verbatimSymlinks: true });
      }
    } else {
      await mkdir(dirname(place), { recursive: true });
      await cp(from, place);
    }
  }
}

const { request, mappings } = parseRequest(process.argv.slice(2));
const work = await mkdtemp(join(tmpdir(), 'sealane-package-'));
try {
  const tree = join(work, 'tree');
  await lay(mappings, tree);
  await normalizeTree(tree);
  if (request.format === 'deb') await buildDeb(request, tree);
  else if (request.format === 'rpm') await buildRpm(request, tree, work);
  else throw new Error(`fpm.mjs makes deb and rpm, not ${request.format}`);
} finally {
  await rm(work, { recursive: true, force: true });
}
