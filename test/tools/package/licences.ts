import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import type { ShippedPackage } from './shipped.ts';

const licenceFile = /^(licen[cs]e|copying|notice|ofl|unlicense)([.-].*)?$/i;
const line = '-'.repeat(78);

/** Licences that ask for nothing but a name beside the code: enough where a package forgot to enclose the text. */
const permissive: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
]);

async function textsOf({ name, folder, license }: ShippedPackage): Promise<string> {
  const files = (await readdir(join(root, folder))).filter((file) => licenceFile.test(file)).sort();
  if (files.length === 0) {
    if (!permissive.has(license)) throw new Error(`${name} has no licence text and is under ${license}`);
    return `(The package encloses no text; its licence is ${license}.)`;
  }
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
}

/**
 * The licences of everything in the product that others wrote, as one text. Electron and Chromium bring their own files.
 *
 * @throws Error where a package says no licence that could be fulfilled with its name alone, and encloses no text
 */
export async function thirdPartyLicences(packages: readonly ShippedPackage[]): Promise<string> {
  const parts = await Promise.all(
    packages.map(
      async (each) =>
        `${line}\n${each.name} ${each.version} (${each.license})\n${line}\n\n${await textsOf(each)}\n`,
    ),
  );
  return [
    'Sealane contains the work of others, under the licences below.',
    'The licences of Electron and Chromium are in LICENSE.electron.txt and LICENSES.chromium.html.\n',
    ...parts,
  ].join('\n');
}
