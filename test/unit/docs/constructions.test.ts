import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatDeviceId } from '../../../shared/device-id.ts';
import { SEAL_OVERHEAD_BYTES } from '../../../shared/limits.ts';
import { BUNDLE_ENDINGS, PROGRAM_ENDINGS } from '../../../shared/marks.ts';
import { transferIdSchema } from '../../../shared/views.ts';
import { chunkAssociatedData } from '../../../src-main/engine/content/seal.ts';
import { TAG_FINAL, TAG_MESSAGE } from '../../../src-main/engine/content/sealed-stream.ts';
import { joinFields } from '../../../src-main/engine/fields.ts';
import { writeFrameHeader } from '../../../src-main/engine/net/frames.ts';
import { commitment, comparisonCode } from '../../../src-main/engine/pairing/code.ts';
import { inviteProof } from '../../../src-main/engine/pairing/proof.ts';
import { transcriptHash, transferKey } from '../../../src-main/engine/transfer/key-schedule.ts';
import { Markdown } from './markdown.ts';

/** What docs/protocol.md says is computed, computed from its tables alone and held against the code. */
const protocol = new Markdown('docs/protocol.md');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const LAYOUT = ['Offset', 'Bytes', 'What'];

const values = {
  secret: new Uint8Array(randomBytes(32)),
  exporter: new Uint8Array(randomBytes(32)),
  inviterSpki: new Uint8Array(randomBytes(91)),
  inviteeSpki: new Uint8Array(randomBytes(91)),
  inviterNonce: new Uint8Array(randomBytes(32)),
  inviteeNonce: new Uint8Array(randomBytes(32)),
};

function valueOf(name: string): Uint8Array {
  const value = new Map<string, Uint8Array>(Object.entries(values)).get(name);
  if (value === undefined) throw new Error(`no such value: ${name}`);
  return value;
}

it('writes device ids as the document does', () => {
  for (const row of protocol.table('1.1 How an id is written', ['SHA-256 of the key', 'Device id'])) {
    expect(formatDeviceId(Buffer.from(row.code('SHA-256 of the key'), 'hex'))).toBe(row.code('Device id'));
  }
});

it('takes for programs what the document lists', () => {
  const rows = protocol.table('`offer`', ['Of', 'Endings']);
  expect(rows.map((row) => [row.text('Of'), row.code('Endings').split(' ')])).toEqual([
    ['file', [...PROGRAM_ENDINGS]],
    ['folder', [...BUNDLE_ENDINGS]],
  ]);
});

it('has frame headers of this layout', () => {
  const header = new Uint8Array(5);
  writeFrameHeader(header, 0x30, 0x01020304);
  expect(protocol.table('3. Frames', LAYOUT).map((row) => [row.text('Offset'), row.text('Bytes')])).toEqual([
    ['0', '4'],
    ['4', '1'],
    ['5', 'length'],
  ]);
  expect(hex(header)).toBe('0102030430');
});

describe('pairing', () => {
  /** The bytes of one row of the table, as it says they are made. */
  function made(name: string): Uint8Array {
    const rows = protocol.table('6.3 Proofs, commitment, code', [
      'Value',
      'Made by',
      'Label',
      'Fields after the label',
    ]);
    const row = rows.find((candidate) => candidate.code('Value') === name);
    if (row === undefined) throw new Error(`no such row: ${name}`);
    const message = joinFields(row.code('Label'), ...row.codes('Fields after the label').map(valueOf));
    if (row.text('Made by') === 'SHA-256') return createHash('sha256').update(message).digest();
    const key = /^HMAC under `(\w+)`$/.exec(row.text('Made by'))?.[1];
    return createHmac('sha256', valueOf(key ?? ''))
      .update(message)
      .digest();
  }

  it.each(['inviter', 'invitee'] as const)('has the proof of the %s', (role) => {
    expect(hex(inviteProof(role, values))).toBe(hex(made(`${role}Proof`)));
  });

  it('has the commitment', () => {
    expect(hex(commitment({ ...values, nonce: values.inviterNonce }))).toBe(hex(made('commitment')));
  });

  it('has the code', () => {
    expect(protocol.section('6.3 Proofs, commitment, code')).toContain(
      'first 8 bytes of `codeHash` as a `u64`, modulo 1000000',
    );
    const number = new DataView(Uint8Array.from(made('codeHash')).buffer).getBigUint64(0) % 1_000_000n;
    expect(comparisonCode(values).replace(' ', '')).toBe(String(number).padStart(6, '0'));
  });
});

describe('the key of a transfer', () => {
  const rows = protocol.table('7.3 Key', ['Value', 'Made by', 'Input']);
  const labelOf = (name: string) => {
    const input = rows.find((row) => row.code('Value') === name)?.text('Input') ?? '';
    return /`(sealane\/1 [a-z ]+)`/.exec(input)?.[1] ?? '';
  };
  const [offer, accept] = [randomBytes(80), randomBytes(1300)];

  it('comes from this transcript', () => {
    const message = joinFields(labelOf('transcript'), offer, accept);
    expect(hex(transcriptHash(offer, accept))).toBe(hex(createHash('sha256').update(message).digest()));
  });

  it('is derived in this way', () => {
    const transcript = transcriptHash(offer, accept);
    const info = Buffer.concat([Buffer.from(labelOf('key')), transcript]);
    const { secret: sharedSecret, exporter } = values;
    expect(info).toHaveLength(54);
    expect(hex(transferKey({ sharedSecret, exporter, transcript }))).toBe(
      hex(new Uint8Array(hkdfSync('sha256', sharedSecret, exporter, info, 32))),
    );
  });
});

describe('the sealed stream', () => {
  const tables = '7.4 The sealed stream';

  it('uses these tags', () => {
    const rows = protocol.table(tables, ['Tag', 'Name', 'Used for']);
    expect(rows.map((row) => [row.number('Tag'), row.text('Name')])).toEqual([
      [TAG_MESSAGE, 'MESSAGE'],
      [TAG_FINAL, 'FINAL'],
    ]);
    expect(protocol.section(tables)).toContain(`sealed it has ${SEAL_OVERHEAD_BYTES} more`);
  });

  it('has associated data of this layout', () => {
    const rows = protocol.table('Associated data', LAYOUT);
    const transfer = transferIdSchema.parse(randomBytes(16).toString('hex'));
    const parts: Readonly<Record<string, (text: string) => Buffer>> = {
      ASCII: (text) => Buffer.from(text),
      'of the offer, as bytes': () => Buffer.from(transfer, 'hex'),
      '`u64`': (text) => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64BE(text === 'entry' ? 200_000n : 2n ** 53n - 1n);
        return bytes;
      },
    };
    let built = Buffer.alloc(0);
    for (const row of rows) {
      const [, name = '', how = ''] = /^`([^`]+)`,? (.+)$/.exec(row.text('What')) ?? [];
      const part = parts[how]?.(name) ?? Buffer.alloc(0);
      expect([row.number('Offset'), row.number('Bytes')]).toEqual([built.length, part.length]);
      built = Buffer.concat([built, part]);
    }
    expect(hex(chunkAssociatedData(transfer, 200_000, Number.MAX_SAFE_INTEGER))).toBe(hex(built));
  });
});
