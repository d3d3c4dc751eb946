// The Node that tests, builds and packages: byte for byte the one whose checksum is in this repository. No dependency: this
// runs before anything is installed.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodePackage, projectNode, root } from './paths.mjs';
import { SetupError } from './process.mjs';

/** The oldest Node that runs the tools where no package brings one. */
const OLDEST_MAJOR = 24;

/**
 * The checksums by system and processor, as Node calls them.
 *
 * @returns {Promise<ReadonlyMap<string, string>>} SHA-256 in hexadecimal
 */
export async function pinnedNodes() {
  const text = await readFile(join(root, 'test', 'tools', 'node-sha256.txt'), 'utf8');
  const lines = text.matchAll(/^([0-9a-f]{64}) {2}([a-z0-9]+-[a-z0-9]+)$/gm);
  return new Map([...lines].map(([, sum = '', target = '']) => [target, sum]));
}

/**
 * Holds a Node against the checksum for this system.
 *
 * @param {string} executable
 * @returns {Promise<void>} throws SetupError where it is another, or there is no checksum for this system
 */
export async function verifyNode(executable) {
  const target = `${process.platform}-${process.arch}`;
  const expected = (await pinnedNodes()).get(target);
  if (expected === undefined) {
    throw new SetupError(`test/tools/node-sha256.txt has no checksum of a Node for ${target}`);
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(executable)) hash.update(/** @type {Buffer} */ (chunk));
  const found = hash.digest('hex');
  if (found === expected) return;
  throw new SetupError(
    `${executable} is not the Node of test/tools/node-sha256.txt: its SHA-256 is ${found}.\n` +
      'Remove node_modules and run this again; what packages must be that Node.',
  );
}

/**
 * Sees to it that what the tools run on is the Node that the lock file names. Where no package has one for this system, the
 * machine's own does for development, if it is new enough.
 *
 * @returns {Promise<void>} throws SetupError where it is neither
 */
export async function ensureProjectNode() {
  if (nodePackage === undefined) {
    if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) return;
    throw new SetupError(
      `there is no package with a Node for ${process.platform}-${process.arch}: install Node.js ${OLDEST_MAJOR} or newer`,
    );
  }
  try {
    await access(projectNode);
  } catch {
    throw new SetupError(
      `${nodePackage} is not installed, although it is locked; npm leaves optional packages out when it is told to ` +
        '(omit=optional): take that out of its configuration, remove node_modules and run this again',
    );
  }
  await verifyNode(projectNode);
}
