import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { checksumList } from './checksums.ts';
import type { PackagedRuntime } from './runtime.ts';
import type { ShippedPackage } from './shipped.ts';
import { writeManifest } from './update-manifest.ts';

const artifact = /\.(AppImage|tar\.gz|deb|rpm|exe|dmg|zip)$/;

/** The installers in a folder of results. */
export async function artifactsIn(out: string): Promise<readonly string[]> {
  const names = (await readdir(out)).filter((name) => artifact.test(name)).sort();
  return names.map((name) => join(out, name));
}

/**
 * What lies beside the installers: the bill of materials, the checksums of everything, and, where the key is at hand, the
 * signed manifest that installed apps look for.
 */
export async function writeCompanions(
  out: string,
  version: string,
  runtime: PackagedRuntime,
  packages: readonly ShippedPackage[],
): Promise<void> {
  const artifacts = await artifactsIn(out);
  const bill = join(out, `sealane-${process.platform}.cdx.json`);
  await writeFile(bill, await billOfMaterials(runtime, packages));
  const listed = [...artifacts, bill];
  const key = process.env['SEALANE_UPDATE_KEY'];
  if (key !== undefined && key !== '') listed.push(await writeManifest(out, version, artifacts, key));
  await writeFile(join(out, `SHA256SUMS-${process.platform}`), await checksumList(listed));
}
