import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FRAME_TYPES } from '../../../shared/frame-types.ts';
import { pairMessages, transferMessages } from '../../../shared/messages.ts';
import { SKIP_REASONS } from '../../../shared/views.ts';
import { encodeCbor } from '../../../src-main/engine/codec/cbor.ts';
import { RECORD_TYPES, readRecords } from '../../../src-main/engine/content/records.ts';
import { encodeFrame } from '../../../src-main/engine/net/frames.ts';
import {
  INVITE_AUDIENCE,
  inviteAddressSchema,
  inviteClaimsSchema,
  inviteHeaderSchema,
} from '../../../src-main/engine/pairing/invite-claims.ts';
import { Markdown } from './markdown.ts';
import { mapSamples } from './notation.ts';
import type { NamedTypes, Samples } from './notation.ts';

/** Every field and bound that docs/protocol.md gives for a message, tried out on the schemas in the code. */
const protocol = new Markdown('docs/protocol.md');
const FIELDS = ['Field', 'Type', 'Meaning'];

const deviceIds = protocol.table('1.1 How an id is written', ['SHA-256 of the key', 'Device id']);
const simple: NamedTypes = {
  kind: { good: ['file', 'folder'], bad: ['link', 1, null] },
  'reason name': { good: SKIP_REASONS, bad: ['gone', 1, null] },
  'device id': { good: deviceIds.map((row) => row.code('Device id')), bad: ['AAAA', 1, null] },
  'ip address': {
    good: ['192.0.2.1', '::1', '2001:DB8::7', '::ffff:192.0.2.1'],
    bad: ['desk', 'desk.example', 'fe80::1%eth0', '127.1', '192.0.2.1/x', '[::1]', '', 1, null],
  },
  // Judged by itself, after the signature: nothing is wrong with the form of any.
  audience: { good: [INVITE_AUDIENCE, 'elsewhere'], bad: [] },
};
const named: NamedTypes = {
  ...simple,
  skipped: mapSamples(protocol.table('`skipped`', FIELDS), 'Field', simple),
  address: mapSamples(protocol.table('`address`', FIELDS), 'Field', simple),
  item: mapSamples(protocol.table('`item`', FIELDS), 'Field', simple),
  renamed: renamedSamples(protocol.table('`renamed`', FIELDS)),
};

/** The two texts of one differ, and neither leads out of its folder: no type of the notation says that. */
function renamedSamples(rows: Parameters<typeof mapSamples>[0]): Samples {
  const { good, bad } = mapSamples(rows, 'Field', simple);
  const other = z.object({ from: z.string(), to: z.string() });
  const wrong = ['a//b', '/a', 'a/', '.', 'a/..', 'a\0'];
  return {
    good: good.map((each) => {
      const { from, to } = other.parse(each);
      return from === to ? { from, to: `y${to.slice(1)}` } : each;
    }),
    bad: [
      ...bad,
      { from: 'a', to: 'a' },
      ...wrong.flatMap((to) => [
        { from: 'a', to },
        { from: to, to: 'a' },
      ]),
    ],
  };
}

/** What is good must be taken, what is bad must not. */
function check({ good, bad }: Samples, takes: (value: unknown) => boolean): void {
  expect(good.filter((value) => !takes(value))).toEqual([]);
  expect(bad.filter((value) => takes(value))).toEqual([]);
}

const fits = (schema: z.ZodType) => (value: unknown) => schema.safeParse(value).success;

function messagesOf(messages: Readonly<Record<string, z.ZodType>>) {
  return Object.entries(messages).filter(([name]) => name !== 'chunk');
}

describe('messages in docs/protocol.md', () => {
  it.each([...messagesOf(pairMessages), ...messagesOf(transferMessages)])('%s', (name, schema) => {
    const section = protocol.section(`\`${name}\``);
    if (section === 'The empty map.') {
      check({ good: [{}], bad: [{ surplus: 1 }, null, []] }, fits(schema));
      return;
    }
    const rows = protocol.table(`\`${name}\``, FIELDS);
    expect(schema instanceof z.ZodObject && Object.keys(schema.shape)).toEqual(
      rows.map((row) => row.code('Field')),
    );
    check(mapSamples(rows, 'Field', named), fits(schema));
  });

  it('gives whole frames that are what this encodes', () => {
    for (const row of protocol.table('3. Frames', ['Frame', 'Message', 'Body'])) {
      const type = new Map<string, number>(Object.entries(FRAME_TYPES)).get(row.code('Message')) ?? 0;
      const frame = encodeFrame(type, encodeCbor(JSON.parse(row.code('Body'))));
      expect(Buffer.from(frame).toString('hex')).toBe(row.code('Frame'));
    }
  });
});

describe('the invite in docs/protocol.md', () => {
  it('has this header', () => {
    const rows = protocol.table('6.1 The invite', ['Member', 'Value']);
    const header = Object.fromEntries(rows.map((row) => [row.code('Member'), row.code('Value')]));
    expect(inviteHeaderSchema.parse(header)).toEqual(header);
    expect(Object.keys(header)).toEqual(Object.keys(inviteHeaderSchema.shape));
  });

  it('has these claims', () => {
    const rows = protocol.table('6.1 The invite', ['Claim', 'Type', 'Meaning']);
    expect(rows.map((row) => row.code('Claim'))).toEqual(Object.keys(inviteClaimsSchema.shape));
    expect(rows.find((row) => row.code('Claim') === 'aud')?.text('Meaning')).toContain(
      `\`${INVITE_AUDIENCE}\``,
    );
    check(mapSamples(rows, 'Claim', named), fits(inviteClaimsSchema));
  });

  it('has these addresses', () => {
    const rows = protocol.table('`address`', FIELDS);
    expect(rows.map((row) => row.code('Field'))).toEqual(Object.keys(inviteAddressSchema.shape));
    check(mapSamples(rows, 'Field', named), fits(inviteAddressSchema));
  });
});

describe('content records in docs/protocol.md', () => {
  const typeOf = (name: string) => new Map<string, number>(Object.entries(RECORD_TYPES)).get(name) ?? 0;
  // A record is made like a frame, only with its type in front.
  const record = (name: string, body: Uint8Array): Uint8Array => {
    const [a = 0, b = 0, c = 0, d = 0] = encodeFrame(0, body);
    return Uint8Array.from([typeOf(name), a, b, c, d, ...body]);
  };
  const isRead = (name: string) => (value: unknown) => {
    try {
      return [...readRecords(record(name, encodeCbor(value)))].length === 1;
    } catch {
      return false;
    }
  };

  it.each([
    ['`entry` of a file', 'entry'],
    ['`entry` of a folder', 'entry'],
    ['`skip`', 'skip'],
    ['`superseded`', 'superseded'],
    ['`missing`', 'missing'],
    ['`finish`', 'finish'],
  ])('%s', (heading, name) => {
    check(mapSamples(protocol.table(heading, FIELDS), 'Field', named), isRead(name));
  });

  it('gives whole records that are what this encodes', () => {
    for (const row of protocol.table('Whole records', ['Record', 'Type', 'Body'])) {
      const bytes = record(row.code('Type'), encodeCbor(JSON.parse(row.code('Body'))));
      expect(Buffer.from(bytes).toString('hex')).toBe(row.code('Record'));
      expect([...readRecords(bytes)]).toHaveLength(1);
    }
  });
});
