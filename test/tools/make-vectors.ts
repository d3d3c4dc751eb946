import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deviceIdVectors } from './vector-makers/device-id.ts';
import { inviteVectors } from './vector-makers/invite.ts';
import { keyScheduleVectors } from './vector-makers/key-schedule.ts';
import { pairingVectors } from './vector-makers/pairing.ts';
import { sealVectors } from './vector-makers/seal.ts';

// Writes test/vectors/*.json anew. Run by hand (`node test/tools/make-vectors.ts`) and only when the protocol itself changes: the
// tests read these files and never make them, so that a change of the code cannot go unnoticed.
const vectors: Readonly<Record<string, () => Promise<object>>> = {
  'device-id': deviceIdVectors,
  invite: inviteVectors,
  'proof-and-code': pairingVectors,
  'key-schedule': keyScheduleVectors,
  seal: sealVectors,
};

for (const [name, make] of Object.entries(vectors)) {
  const file = fileURLToPath(new URL(`../vectors/${name}.json`, import.meta.url));
  await writeFile(file, `${JSON.stringify(await make(), null, 2)}\n`);
  console.log(`wrote test/vectors/${name}.json`);
}
