import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '../paths.mjs';

/** A package whose code is in the product. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Below the checkout, such as `node_modules/zod`. */
  readonly folder: string;
}

/** Where the builds and the packaging leave what they know; below dist/. */
export const packageNotes = join(root, 'dist', 'package');

const builds = ['main', 'preload', 'renderer'] as const;
/**
 * Not in a bundle but beside it: the native add-ons, and what loads them. electron-builder.yml has the same names; a test holds
 * both against the package.
 */
export const addOnPackages: readonly string[] = [
  'bare-addon-resolve',
  'bare-module-resolve',
  'bare-semver',
  'fs-native-extensions',
  'require-addon',
  'sodium-native',
  'which-runtime',
];

const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

async function manifestOf(folder: string): Promise<z.infer<typeof manifestSchema>> {
  return manifestSchema.parse(JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')));
}

/** Every package of others that is in the product, sorted by name. Throws before the first build. */
export async function shippedPackages(): Promise<readonly ShippedPackage[]> {
  const lists = await Promise.all(
    builds.map(async (build) =>
      z
        .array(z.string())
        .parse(JSON.parse(await readFile(join(packageNotes, `shipped-${build}.json`), 'utf8'))),
    ),
  );
  const folders = new Set([...lists.flat(), ...addOnPackages.map((name) => `node_modules/${name}`)]);
  const packages = await Promise.all(
    [...folders].map(async (folder) => {
      const { name, version, license } = await manifestOf(folder);
      return { name, version, license, folder };
    }),
  );
  return packages.sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
