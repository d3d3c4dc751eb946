import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS, ERROR_CODES, codeOfWireNumber, wireNumber } from '../../shared/errors.ts';
import * as limits from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { PAIR_PROTOCOL, PROTOCOL_VERSION, TRANSFER_PROTOCOL } from '../../shared/messages.ts';
import { SKIP_REASONS } from '../../shared/views.ts';
import { RECORD_TYPES, reasonNumber } from '../../src-main/engine/content/records.ts';
import { Markdown, root } from './docs/markdown.ts';

/** The numbers in docs/protocol.md against those in the code; test/unit/docs/ does the same for what is more than a number. */
const protocol = new Markdown('docs/protocol.md');

const FRAMES = '3. Frames';
const LIMITS = '11. Limits';

describe('docs/protocol.md', () => {
  it('is about this version', () => {
    expect(protocol.headings[1]).toBe(`The Sealane protocol, version ${PROTOCOL_VERSION}`);
  });

  it('names both protocols as TLS sees them', () => {
    const rows = protocol.table('2. Connection', ['Protocol', 'ALPN name', 'Exporter label']);
    expect(
      rows.map((row) => [row.text('Protocol'), row.code('ALPN name'), row.code('Exporter label')]),
    ).toEqual([
      ['pairing', PAIR_PROTOCOL.alpn, PAIR_PROTOCOL.exporterLabel],
      ['transfer', TRANSFER_PROTOCOL.alpn, TRANSFER_PROTOCOL.exporterLabel],
    ]);
  });

  it('lists every type of frame, its number, and where it belongs', () => {
    const rows = protocol.table(FRAMES, ['Type', 'Message', 'Protocol']);
    expect(Object.fromEntries(rows.map((row) => [row.code('Message'), row.number('Type')]))).toEqual(
      FRAME_TYPES,
    );
    expect(rows).toHaveLength(Object.keys(FRAME_TYPES).length);
    const ofProtocol = (name: string) =>
      rows.filter((row) => ['both', name].includes(row.text('Protocol'))).map((row) => row.code('Message'));
    expect(ofProtocol('pairing').sort()).toEqual(Object.keys(PAIR_PROTOCOL.messages).sort());
    expect(ofProtocol('transfer').sort()).toEqual(Object.keys(TRANSFER_PROTOCOL.messages).sort());
  });

  it('lists every error that has a number on the wire', () => {
    const rows = protocol.table('10. Errors', ['Number', 'Name', 'Sent by, when']);
    const numbered = ERROR_CODES.filter((code) => ERRORS[code].wire !== undefined);
    expect(rows.map((row) => [row.number('Number'), row.code('Name')])).toEqual(
      numbered.map((code) => [ERRORS[code].wire, code]).sort((a, b) => Number(a[0]) - Number(b[0])),
    );
    expect(ERROR_CODES.filter((code) => wireNumber(code) === 99)).toEqual(
      ERROR_CODES.filter((code) => code === 'internal' || !numbered.includes(code)),
    );
    expect(codeOfWireNumber(65_535)).toBe('internal');
  });

  it('lists every limit of shared/limits.ts', () => {
    const rows = protocol.table(LIMITS, ['Limit', 'Value', 'Binds']);
    expect(Object.fromEntries(rows.map((row) => [row.code('Limit'), row.number('Value')]))).toEqual({
      ...limits,
    });
    expect(rows).toHaveLength(Object.keys(limits).length);
  });

  const elsewhere = protocol.table(LIMITS, ['Limit', 'Value', 'File']);
  it.each(elsewhere.map((row) => [row.code('Limit'), row.number('Value'), row.code('File')] as const))(
    'has %s = %i as in %s',
    (name, value, file) => {
      expect(constantIn(file, name)).toBe(value);
    },
  );

  it('lists every type of content record', () => {
    const rows = protocol.table('8.1 Records', ['Type', 'Record', 'Body', 'Meaning']);
    expect(Object.fromEntries(rows.map((row) => [row.code('Record'), row.number('Type')]))).toEqual(
      RECORD_TYPES,
    );
    expect(rows).toHaveLength(Object.keys(RECORD_TYPES).length);
  });

  it('lists every reason for which a file does not arrive', () => {
    const rows = protocol.table('8.3 Reasons', ['Number', 'Name', 'What happened']);
    expect(rows.map((row) => [row.number('Number'), row.code('Name')])).toEqual(
      SKIP_REASONS.map((reason) => [reasonNumber(reason), reason]),
    );
  });

  it('says of every file of test vectors what it covers', () => {
    const rows = protocol.table('14. Test vectors', ['File', 'Covers']);
    const files = readdirSync(`${root}test/vectors`).filter((file) => file.endsWith('.json'));
    expect(rows.map((row) => row.code('File')).sort()).toEqual(files.sort());
    const readme = new Markdown('test/vectors/README.md');
    expect(readme.headings.filter((heading) => heading.endsWith('.json')).sort()).toEqual(files.sort());
  });
});

/** The value of `const NAME = 8 * 1024 * 1024;` in a source file, exported or not. */
function constantIn(file: string, name: string): number {
  const found = new RegExp(`^(?:export )?const ${name} = ([\\d_]+(?: \\* [\\d_]+)*);$`, 'm');
  const factors = found.exec(readFileSync(root + file, 'utf8'))?.[1];
  if (factors === undefined) throw new Error(`${file} has no constant ${name}`);
  return factors.split(' * ').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
}
