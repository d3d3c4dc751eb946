import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateIdentity, exportIdentity } from '../../src-main/engine/identity/identity.ts';
import { formatKeyRecord, parseKeyRecord } from '../../src-main/engine/identity/key-record.ts';
import { devicesSchema } from '../../src-main/engine/store/devices.ts';
import { decode, encode } from '../../src-main/engine/store/envelope.ts';
import { openStore } from '../../src-main/engine/store/store.ts';
import { loadJob } from '../../src-main/engine/transfer/jobs.ts';
import { formatDeviceId } from '../../shared/device-id.ts';
import { transferIdSchema } from '../../shared/views.ts';
import { codeOf, fuzz, mutated } from './fuzz.ts';

/** What is read back from a profile: rubbish on disk is damage, and never a crash or a half-believed record. */

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealane-fuzz-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const text = new TextDecoder('utf-8');
const device = fc.record({
  id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(formatDeviceId),
  name: fc.string({ unit: 'binary', maxLength: 12 }),
  accept: fc.constantFrom('ask', 'always'),
  into: fc.option(fc.string({ maxLength: 12 })),
  lastSeen: fc.option(fc.maxSafeNat()),
  paired: fc.maxSafeNat(),
  addresses: fc.array(fc.record({ host: fc.string({ maxLength: 8 }), port: fc.nat({ max: 65_535 }) }), {
    maxLength: 3,
  }),
});
const devices = fc.array(device, { maxLength: 4 });
const rubbish = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => text.decode(bytes)),
  fc.json(),
  fc.json().map((payload) => `{"version":1,"checksum":"x","payload":${payload}}`),
  fc.constantFrom(
    '',
    'null',
    '[]',
    '{}',
    '{"version":2}',
    '{"version":1e999}',
    '{"__proto__":{"version":1}}',
    '['.repeat(50_000),
  ),
);

describe('a document of the store', () => {
  it('comes back as it was written', async () => {
    await fuzz(200, [devices], (value) => {
      // Unpaired surrogates are written as escapes, and come back too.
      expect(decode(encode(value), devicesSchema)?.value).toEqual(value);
    });
  });

  it('that was changed anywhere comes back as it was, or not at all', async () => {
    const written = devices.map((value) => ({ value, bytes: new TextEncoder().encode(encode(value)) }));
    await fuzz(
      900,
      [written.chain(({ value, bytes }) => fc.tuple(fc.constant(value), mutated(fc.constant(bytes))))],
      async ([value, bytes]) => {
        const code = await codeOf(() => {
          const read = decode(text.decode(bytes), devicesSchema);
          // White space at the end, say, changes nothing of what it says.
          if (read !== undefined) expect(read.value).toEqual(value);
        });
        expect(code).toBeUndefined();
      },
    );
  });

  it('that is rubbish is none', async () => {
    await fuzz(600, [rubbish], async (content) => {
      expect(
        await codeOf(() => {
          expect(decode(content, devicesSchema)).toBeUndefined();
        }),
      ).toBeUndefined();
    });
  });

  it('opens whatever is in its files, says what is lost, and works', async () => {
    const names = ['devices', 'invites', 'settings', 'history'] as const;
    const files = fc.dictionary(
      fc.constantFrom(...names.flatMap((name) => [`${name}.json`, `${name}.copy.json`])),
      rubbish,
      { maxKeys: 6 },
    );
    await fuzz(25, [files, fc.uuid()], async (contents, name) => {
      const profile = join(folder, name);
      const first = await openStore({ profile, defaultName: 'me', now: Date.now });
      await first.close();
      for (const [file, content] of Object.entries(contents)) writeFileSync(join(profile, file), content);
      const store = await openStore({ profile, defaultName: 'me', now: Date.now });
      const broken = names.filter((each) =>
        [`${each}.json`, `${each}.copy.json`].every((file) => file in contents),
      );
      expect([...store.losses].sort()).toEqual([...broken].sort());
      expect((await store.settings.change({ name: 'still here' })).name).toBe('still here');
      await store.close();
      rmSync(profile, { recursive: true, force: true });
    });
  });
});

describe('the key', () => {
  it('that was changed anywhere is damaged, and never another key', async () => {
    const identity = await generateIdentity();
    const key = exportIdentity(identity);
    const record = formatKeyRecord({
      protector: 'file',
      id: identity.id,
      certificate: identity.certificatePem,
      key,
    });
    const bytes = new TextEncoder().encode(record);
    await fuzz(700, [mutated(fc.constant(bytes))], (changed) => {
      const slot = parseKeyRecord(text.decode(changed));
      if (slot.state !== 'sound') return;
      expect(slot.record.id).toBe(identity.id);
      expect(Buffer.compare(slot.record.key, key)).toBe(0);
    });
  });

  it('that is rubbish is damaged', async () => {
    await fuzz(400, [rubbish], (content) => {
      expect(['damaged', 'newer']).toContain(parseKeyRecord(content).state);
    });
  });
});

describe('an unfinished transfer', () => {
  it('of which the note is rubbish is none', async () => {
    const store = await openStore({ profile: join(folder, 'jobs'), defaultName: 'me', now: Date.now });
    const id = transferIdSchema.parse('0'.repeat(32));
    const claim = await store.claimTransfer(id);
    if (claim === undefined) throw new Error('the transfer is claimed');
    const file = join(claim.folder, 'job.json');
    await fuzz(150, [rubbish], async (content) => {
      writeFileSync(file, content);
      expect(await loadJob(store, claim)).toBeUndefined();
    });
    await claim.release();
    await store.close();
  });
});
