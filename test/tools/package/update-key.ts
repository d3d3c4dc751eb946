// `node test/tools/package/update-key.ts`: a new pair of keys for the update manifest. The public half goes into the
// repository, the private half to where secrets are kept, and nowhere else.
import { generateKeyPairSync } from 'node:crypto';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
console.log(
  `public (electron-builder.yml): ${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
);
console.log(
  `private (secret SEALANE_UPDATE_KEY): ${privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')}`,
);
