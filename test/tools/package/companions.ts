import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { checksumList } from './checksums.ts';
import type { PackagedRuntime } from './runtime.ts';
import type { ShippedPackage } from './shipped.ts';

const artifact = /\.(AppImage|tar\.gz|deb|rpm|exe|dmg|zip)$/;

/** The installers in a folder of results. */
export async function artifactsIn(out: string): Promise<readonly string[]> {
  const names = (await readdir(out)).filter((name) => artifact.test(name)).sort();
  return names.map((name) => join(out, name));
}

/**
 * What lies beside the installers: the bill of materials, and the checksums of everything. The manifest that installed apps look
 * for is signed elsewhere, where none of the packages that build this run (sign-release.ts).
 */
export async function writeCompanions(
  out: string,
  runtime: PackagedRuntime,
  packages: readonly ShippedPackage[],
): Promise<void> {
  const artifacts = await artifactsIn(out);
  const bill = join(out, `sealane-${process.platform}.cdx.json`);
  await writeFile(bill, await billOfMaterials(runtime, packages));
  await writeFile(join(out, `SHA256SUMS-${process.platform}`), await checksumList([...artifacts, bill]));
}
