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

/** What lies beside the installers: the bill of materials, and the checksums of everything. */
export async function writeCompanions(
  out: string,
  runtime: PackagedRuntime,
  packages: readonly ShippedPackage[],
): Promise<void> {
  const bill = join(out, `sealane-${process.platform}.cdx.json`);
  await writeFile(bill, await billOfMaterials(runtime, packages));
  // electron-builder's own notes for whoever debugs it; with paths of this machine.
  const artifacts = await artifactsIn(out);
  await writeFile(join(out, `SHA256SUMS-${process.platform}`), await checksumList([...artifacts, bill]));
}
