import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { thirdPartyLicences } from './licences.ts';
import { packageNotes, shippedPackages, type ShippedPackage } from './shipped.ts';

/** Writes what goes into the package beside the code. Gives the packages of others that the product contains. */
export async function writeNotes(): Promise<readonly ShippedPackage[]> {
  const packages = await shippedPackages();
  await mkdir(packageNotes, { recursive: true });
  await writeFile(join(packageNotes, 'THIRD-PARTY.txt'), await thirdPartyLicences(packages));
  return packages;
}
