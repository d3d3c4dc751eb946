import fc from 'fast-check';
import { encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { decodeCbor, encodeCbor } from '../../src-main/engine/codec/cbor.ts';
import { MAX_CONTROL_BODY_BYTES } from '../../shared/limits.ts';
import { pairMessages, transferMessages } from '../../shared/messages.ts';
import { SKIP_REASONS } from '../../shared/views.ts';
import { codeOf, fuzz, mutated } from './fuzz.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const count = (max: number) => fc.oneof(fc.nat({ max }), fc.constantFrom(0, 1, max));
const byteCount = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const port = count(65_535);
const name = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength });
const firstName = name(30).filter((text) => text.trim() !== '');
const reason = fc.record({ reason: port });
const nothing = fc.constant({});

/** All but the chunk, whose body is no CBOR. */
const schemas: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries({ ...pairMessages, ...transferMessages }).filter(([name]) => name !== 'chunk'),
);

const hosts = fc.array(fc.oneof(fc.ipV4(), fc.constantFrom('::1', '2001:db8::7', '::ffff:192.0.2.1')), {
  maxLength: 8,
});

/** A name that a path can have: not what leads elsewhere. */
const pathName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((text) => !['.', '..'].includes(text) && !/[/\0]/.test(text));
const path = fc.array(pathName, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const renamed = fc.array(
  fc.record({ from: path, to: path }).filter(({ from, to }) => from !== to),
  { maxLength: 8 },
);
const skipped = fc.array(fc.record({ path: name(60), reason: fc.constantFrom(...SKIP_REASONS) }), {
  maxLength: 8,
});

/** A valid body of every message. That none is missing is a test of its own. */
const valid: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  request: fc.record({
    token: fc.string({ maxLength: 300 }),
    proof: bytes(32),
    name: firstName,
    hosts,
    port,
  }),
  challenge: fc.record({ proof: bytes(32), commitment: bytes(32) }),
  nonce: fc.record({ nonce: bytes(32) }),
  reveal: fc.record({ nonce: bytes(32) }),
  verdict: fc.record({ matches: fc.boolean() }),
  stored: nothing,
  refuse: reason,
  ping: nothing,
  hello: fc.record({ version: port, name: name(30), hosts, port, wakePort: port }),
  offer: fc.record({
    transfer: fc.stringMatching(/^[0-9a-f]{32}$/),
    items: fc.array(
      fc.record({ name: name(100), kind: fc.constantFrom('file', 'folder'), program: fc.boolean() }),
      { minLength: 1, maxLength: 16 },
    ),
    itemCount: count(5_000_000),
    files: count(5_000_000),
    folders: count(5_000_000),
    bytes: byteCount,
    hidden: count(5_000_000),
    programs: count(5_000_000),
  }),
  accept: fc.record({ kemPublicKey: bytes(1216), entry: count(5_000_000), offset: byteCount }),
  wake: nothing,
  cancel: fc.record({ transfer: fc.stringMatching(/^[0-9a-f]{32}$/) }),
  start: fc.record({ kemCiphertext: bytes(1120), header: bytes(24) }),
  progress: fc.record({ bytes: byteCount, files: count(5_000_000), safeChunks: byteCount }),
  listed: fc.record({ renamed, skipped }),
  complete: fc.record({
    files: count(5_000_000),
    bytes: byteCount,
    nothing: fc.boolean(),
    renamed,
    renamedCount: count(5_000_000),
    skipped,
    skippedCount: count(5_000_000),
  }),
};

/** Whether the reader takes bytes as this message; if it does, they are the one encoding of a value that fits. */
async function judge(message: string, encoded: Uint8Array): Promise<'taken' | 'refused'> {
  const schema = schemas[message];
  if (schema === undefined) throw new Error(`no message ${message}`);
  let value: unknown;
  const code = await codeOf(() => {
    value = decodeCbor(schema, encoded);
  });
  if (code !== undefined) {
    expect(code).toBe('frame-malformed');
    return 'refused';
  }
  expect(schema.safeParse(value).success).toBe(true);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Buffer.compare(encodeCbor(value), encoded)).toBe(0);
  return 'taken';
}

const messages = Object.keys(schemas);
const anyMessage = fc.oneof(
  ...messages.map((message) =>
    (valid[message] ?? fc.constant({})).map((body) => ({ message, body: Object.assign({}, body) })),
  ),
);

describe('messages', () => {
  it('are all tried here', () => {
    expect(Object.keys(valid).sort()).toEqual([...messages].sort());
  });

  it('that are valid are taken', async () => {
    await fuzz(600, [anyMessage], async ({ message, body }) => {
      expect(await judge(message, encodeCbor(body))).toBe('taken');
    });
  });

  it('that were changed on the way are refused, or the one encoding of another valid one', async () => {
    const changed = anyMessage.chain(({ message, body }) =>
      fc.record({ message: fc.constant(message), encoded: mutated(fc.constant(encodeCbor(body))) }),
    );
    await fuzz(2500, [changed], async ({ message, encoded }) => {
      await judge(message, encoded);
    });
  });

  it('with a key too many, one too few, or one of another message are refused', async () => {
    const key = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'toString', 'remove', 'x'),
      fc.string({ maxLength: 5 }),
    );
    await fuzz(600, [anyMessage, key, fc.nat()], async ({ message, body }, extra, which) => {
      const entries = Object.entries(body);
      const more = Object.fromEntries(entries);
      Object.defineProperty(more, extra, { value: 1, enumerable: true });
      if (!entries.some(([each]) => each === extra))
        expect(await judge(message, encode(more))).toBe('refused');
      const fewer = entries.filter((_, index) => index !== which % Math.max(1, entries.length));
      if (fewer.length < entries.length) {
        expect(await judge(message, encodeCbor(Object.fromEntries(fewer)))).toBe('refused');
      }
    });
  });

  it('of whatever CBOR there is, every reader takes only what fits it, by name', async () => {
    const anything = fc.anything({
      withBigInt: true,
      withNullPrototype: false,
      withTypedArray: true,
      withDate: false,
      maxDepth: 4,
    });
    await fuzz(400, [anything, fc.constantFrom(...messages)], async (value, message) => {
      let encoded: Uint8Array;
      try {
        encoded = encode(value);
      } catch {
        // Not every value has an encoding.
        return;
      }
      await judge(message, encoded);
    });
  });

  it('of whatever bytes, the same', async () => {
    await fuzz(
      800,
      [fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...messages)],
      async (encoded, message) => {
        await judge(message, encoded);
      },
    );
  });

  const bombs: readonly (readonly [string, Uint8Array])[] = [
    ['lists within lists, as deep as a frame goes', Buffer.alloc(MAX_CONTROL_BODY_BYTES, 0x81)],
    ['maps within maps', Buffer.from('a16161'.repeat(MAX_CONTROL_BODY_BYTES / 3), 'hex')],
    ['tags on tags', Buffer.alloc(MAX_CONTROL_BODY_BYTES, 0xc6)],
    ['a list of 2^64 - 1 items', Buffer.from('9bffffffffffffffff', 'hex')],
    ['a list of 2^32 items', Buffer.from('9b0000000100000000', 'hex')],
    ['a map of 2^53 - 1 keys', Buffer.from('bb001fffffffffffff', 'hex')],
    ['a text of 4 GiB', Buffer.from('7b0000000100000000', 'hex')],
    ['bytes of 2^63', Buffer.from('5b8000000000000000', 'hex')],
    ['a list without an end', Buffer.concat([Buffer.from([0x9f]), Buffer.alloc(MAX_CONTROL_BODY_BYTES - 1)])],
    ['a list of very many maps', Buffer.concat([Buffer.from('99ffff', 'hex'), Buffer.alloc(65_533, 0xa0)])],
    [
      'one key, very often',
      Buffer.concat([Buffer.from('b97fff', 'hex'), Buffer.alloc(65_532, '6000', 'hex')]),
    ],
  ];
  it('CVE-2024-12084 (rsync), CVE-2020-26164 (KDE Connect): that claim to be huge, or are as deep as a frame goes, take neither time nor memory', async () => {
    await fuzz(bombs.length * 3, [fc.constantFrom(...bombs)], async ([what, bomb]) => {
      for (const message of messages) {
        expect({ what, verdict: await judge(message, bomb) }).toEqual({ what, verdict: 'refused' });
      }
    });
  });
});
