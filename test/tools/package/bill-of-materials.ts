import { createHash } from 'node:crypto';
import { z } from 'zod';
import { root } from '../paths.mjs';
import { run } from '../process.mjs';
import { sourceDate } from './normalize.mjs';
import type { PackagedRuntime } from './runtime.ts';
import type { ShippedPackage } from './shipped.ts';

const componentSchema = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  properties: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
});
type Component = z.infer<typeof componentSchema>;

const billSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component: componentSchema }),
  components: z.array(componentSchema),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** What npm knows of everything that is installed, for development too. */
async function installed(): Promise<z.infer<typeof billSchema>> {
  const { code, output } = await run('npm', ['sbom', '--sbom-format=cyclonedx', '--loglevel=error'], {
    cwd: root,
    quiet: true,
  });
  const start = output.indexOf('{');
  if (code !== 0 || start === -1) throw new Error(`npm sbom failed (${code}): ${output.slice(0, 500)}`);
  return billSchema.parse(JSON.parse(output.slice(start)));
}

/** npm marks what package.json lists for development, where our bundler takes the page's packages from. */
function shipped({ properties, ...component }: Component): Omit<Component, 'properties'> {
  const kept = properties?.filter(({ name }) => name !== 'cdx:npm:package:development') ?? [];
  return { ...component, scope: 'required', ...(kept.length > 0 ? { properties: kept } : {}) };
}

function serialNumber(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  // The form of a random one (version 4), made of what it stands for: the same bill has the same number.
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The bill of materials of the product in CycloneDX: the packages that are in it and the runtime, and none of the
 * hundreds that only build and test it. The same commit gives the same text.
 *
 * @throws Error where npm does not know a package that the bundler has read
 */
export async function billOfMaterials(
  runtime: PackagedRuntime,
  packages: readonly ShippedPackage[],
): Promise<string> {
  const all = await installed();
  const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const components = all.components.filter(({ name, version }) => wanted.delete(`${name}@${version}`));
  if (wanted.size > 0) throw new Error(`npm does not know ${[...wanted].join(', ')}`);

  const electron = {
    'bom-ref': `electron-runtime@${runtime.version}`,
    type: 'framework',
    name: runtime.kind === 'official' ? 'electron' : 'electron (development runtime, unofficial)',
    version: runtime.version,
    purl: `pkg:npm/electron@${runtime.version}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
  const { component } = all.metadata;
  const application = { ...component, type: 'application', name: 'sealane' };
  const refs = new Set(components.map((each) => each['bom-ref']));
  const own = all.dependencies.filter(({ ref }) => refs.has(ref));
  const body = {
    components: [electron, ...components.map(shipped)],
    dependencies: [
      { ref: component['bom-ref'], dependsOn: [electron['bom-ref'], ...refs] },
      ...own.map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) })),
    ],
  };
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: all.bomFormat,
    specVersion: all.specVersion,
    serialNumber: serialNumber(JSON.stringify(body)),
    version: 1,
    metadata: {
      timestamp: new Date(sourceDate() * 1000).toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: application,
    },
    ...body,
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}
