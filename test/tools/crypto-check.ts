/**
 * Holds Sealane's own cryptography against the test vectors, and against itself, on whatever runs it: bundled, since the oldest
 * runtime reads no TypeScript. Prints one JSON object: `{ runtime, checked, failed }`.
 */
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { SealaneError } from '../../shared/errors.ts';
import { inviteIdSchema, transferIdSchema } from '../../shared/views.ts';
import { chunkAssociatedData, loadCipher } from '../../src-main/engine/content/seal.ts';
import type { Cipher } from '../../src-main/engine/content/seal.ts';
import {
  deviceIdOfCertificate,
  deviceIdOfSpki,
  exportIdentity,
  generateIdentity,
  importIdentity,
} from '../../src-main/engine/identity/identity.ts';
import { KEY_FILE, loadIdentity } from '../../src-main/engine/identity/key-file.ts';
import { commitment, comparisonCode } from '../../src-main/engine/pairing/code.ts';
import {
  createInviteToken,
  parseInvite,
  verifyOwnInvite,
} from '../../src-main/engine/pairing/invite-token.ts';
import { inviteProof } from '../../src-main/engine/pairing/proof.ts';
import {
  encapsulate,
  ephemeralKem,
  kemOfSeed,
  transcriptHash,
  transferKey,
} from '../../src-main/engine/transfer/key-schedule.ts';
import deviceIds from '../vectors/device-id.json' with { type: 'json' };
import invites from '../vectors/invite.json' with { type: 'json' };
import keySchedule from '../vectors/key-schedule.json' with { type: 'json' };
import pairings from '../vectors/proof-and-code.json' with { type: 'json' };
import seals from '../vectors/seal.json' with { type: 'json' };

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const hex = (of: Uint8Array) => Buffer.from(of).toString('hex');

let checked = 0;
const failed: string[] = [];

/** Counts whether `act` gives `expected`; the code of an error counts as what it gives. */
async function check(what: string, expected: unknown, act: () => unknown): Promise<void> {
  checked += 1;
  let seen: unknown;
  try {
    seen = await act();
  } catch (error) {
    seen = error instanceof SealaneError ? error.code : String(error);
  }
  if (seen !== expected) failed.push(`${what}: ${String(seen)}`);
}

async function checkIdentity(): Promise<void> {
  for (const { spki, certificate, id } of deviceIds.keys) {
    await check(`id of key ${id}`, id, () => deviceIdOfSpki(bytes(spki)));
    await check(`id of certificate ${id}`, id, () => deviceIdOfCertificate(bytes(certificate)));
  }
  for (const { why, spki } of deviceIds.refusedKeys) {
    await check(`refused key: ${why}`, 'not-trusted', () => deviceIdOfSpki(bytes(spki)));
  }
  const identity = await generateIdentity();
  await check('own certificate', identity.id, () =>
    deviceIdOfCertificate(new X509Certificate(identity.certificatePem).raw),
  );
  await check(
    'exported and imported',
    identity.id,
    async () => (await importIdentity(exportIdentity(identity))).id,
  );

  const folder = await mkdtemp(join(tmpdir(), 'sealane-crypto-'));
  try {
    const first = await loadIdentity(join(folder, KEY_FILE));
    await check('kept in a file', first.identity.id, async () => {
      return (await loadIdentity(join(folder, KEY_FILE))).identity.id;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkInvites(): Promise<void> {
  const at = { now: invites.now };
  const inviter = await importIdentity(bytes(invites.inviter.pkcs8));
  for (const { what, text } of invites.accepted) {
    await check(`invite: ${what}`, inviter.id, async () => (await parseInvite(text, at)).inviter);
  }
  for (const { what, text, error } of invites.refused) {
    await check(`invite: ${what}`, error, () => parseInvite(text, at));
    await check(`own invite: ${what}`, error, () => verifyOwnInvite(text, inviter, at));
  }
  const id = inviteIdSchema.parse('A'.repeat(22));
  const secret = new Uint8Array(32);
  const times = { issuedAt: invites.now, expires: invites.now + 1000 };
  const token = await createInviteToken({
    identity: inviter,
    id,
    secret,
    name: 'x',
    addresses: [],
    ...times,
  });
  await check('a new invite', id, async () => (await parseInvite(token, at)).id);
}

async function checkPairing(): Promise<void> {
  for (const vector of pairings.vectors) {
    const inviterNonce = bytes(vector.inviterNonce);
    const inviteeNonce = bytes(vector.inviteeNonce);
    const context = {
      secret: bytes(vector.secret),
      exporter: bytes(vector.exporter),
      inviterSpki: bytes(vector.inviterSpki),
      inviteeSpki: bytes(vector.inviteeSpki),
    };
    await check('inviter proof', vector.inviterProof, () => hex(inviteProof('inviter', context)));
    await check('invitee proof', vector.inviteeProof, () => hex(inviteProof('invitee', context)));
    await check('commitment', vector.commitment, () => hex(commitment({ ...context, nonce: inviterNonce })));
    await check('code', vector.code, () => comparisonCode({ ...context, inviterNonce, inviteeNonce }));
  }
}

async function checkKeySchedule(): Promise<void> {
  for (const { seed, publicKey, ciphertext, sharedSecret } of keySchedule.kem) {
    const kem = await kemOfSeed(bytes(seed));
    await check('KEM public key', publicKey, () => hex(kem.publicKey));
    await check('KEM secret', sharedSecret, () => hex(kem.decapsulate(bytes(ciphertext))));
  }
  const kem = await ephemeralKem();
  const sent = await encapsulate(kem.publicKey);
  await check('KEM both ways', hex(sent.sharedSecret), () => hex(kem.decapsulate(sent.ciphertext)));
  for (const { why, publicKey } of keySchedule.refusedPublicKeys) {
    await check(`KEM public key: ${why}`, 'frame-malformed', () => encapsulate(bytes(publicKey)));
  }
  for (const { why, ciphertext } of keySchedule.refusedCiphertexts) {
    await check(`KEM ciphertext: ${why}`, 'frame-malformed', () => kem.decapsulate(bytes(ciphertext)));
  }
  for (const vector of keySchedule.transferKeys) {
    const transcript = transcriptHash(bytes(vector.offer), bytes(vector.accept));
    const sharedSecret = bytes(vector.sharedSecret);
    const exporter = bytes(vector.exporter);
    await check('transcript', vector.transcript, () => hex(transcript));
    await check('transfer key', vector.key, () => hex(transferKey({ sharedSecret, exporter, transcript })));
  }
}

async function checkStream(
  cipher: Cipher,
  stream: (typeof seals.accepted)[number],
  lastIsRefused: boolean,
): Promise<void> {
  const opener = cipher.opener(bytes(stream.key), bytes(stream.header));
  const last = stream.chunks.at(-1);
  for (const chunk of stream.chunks) {
    const place = chunkAssociatedData(transferIdSchema.parse(stream.transfer), chunk.entry, chunk.offset);
    const into = new Uint8Array(chunk.plaintext.length / 2);
    const expected = lastIsRefused && chunk === last ? 'chunk-forged' : chunk.plaintext;
    await check(`${cipher.kind}: ${stream.what}`, expected, () => {
      opener.open(bytes(chunk.sealed), into, place);
      return hex(into);
    });
  }
}

async function checkSeal(kind: 'native' | 'wasm'): Promise<void> {
  const cipher = await loadCipher(kind);
  await check('cipher', kind, () => cipher.kind);
  for (const stream of seals.accepted) await checkStream(cipher, stream, false);
  for (const stream of seals.refused) await checkStream(cipher, stream, true);
  const key = new Uint8Array(32).fill(7);
  const sealer = cipher.sealer(key);
  const sealed = new Uint8Array(1017);
  sealer.seal(new Uint8Array(1000).fill(5), sealed, new Uint8Array(), true);
  for (const other of ['native', 'wasm'] as const) {
    const into = new Uint8Array(1000);
    (await loadCipher(other)).opener(key, sealer.header).open(sealed, into, new Uint8Array());
    await check(`sealed by ${kind}, opened by ${other}`, '05'.repeat(1000), () => hex(into));
  }
}

await checkIdentity();
await checkInvites();
await checkPairing();
await checkKeySchedule();
await checkSeal('native');
await checkSeal('wasm');
const runtime = `${'electron' in process.versions ? 'electron' : 'node'} ${process.version}`;
process.stdout.write(JSON.stringify({ runtime, checked, failed }));
