import { describe, expect, it } from 'vitest';
import { transferIdSchema } from '../../../../shared/views.ts';
import { ContentParser } from '../../../../src-main/engine/content/parser.ts';
import { readRecords } from '../../../../src-main/engine/content/records.ts';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { chunkAssociatedData, loadCipher } from '../../../../src-main/engine/content/seal.ts';
import { offeredOf } from '../../../support/offers.ts';
import vectors from '../../../vectors/content.json' with { type: 'json' };
import { codeOf, fromHex, toHex } from '../support.ts';

/** Whole streams that another implementation made from docs/protocol.md. */

const cipher = await loadCipher();

type Connection = (typeof vectors.accepted)[number]['connections'][number];
interface Vector {
  readonly offer: (typeof vectors.accepted)[number]['offer'];
  readonly connections: readonly Connection[];
}

/** Opens every chunk and holds it against the grammar, over all connections. */
class Receiving {
  state: ContentParser['state'] | undefined;
  finished = false;
  readonly records: ContentRecord[] = [];

  take({ offer, connections }: Vector): void {
    const transfer = transferIdSchema.parse(offer.transfer);
    const { hidden, programs } = offer;
    const offered = offeredOf(offer, { hidden, programs, minFolders: offer.folders, minFirstFiles: 1 });
    for (const { key, header, from, chunks } of connections) {
      const parser = new ContentParser(offered, this.state);
      expect(parser.cursor).toEqual(from);
      const opener = cipher.opener(fromHex(key), fromHex(header));
      for (const { sealed } of chunks) {
        const { entry, offset } = parser.cursor;
        const into = new Uint8Array(sealed.length / 2);
        const opened = opener.open(fromHex(sealed), into, chunkAssociatedData(transfer, entry, offset));
        for (const record of readRecords(into.slice(0, opened.length))) {
          parser.accept(record);
          this.records.push(record);
        }
        parser.endChunk(opened.final);
        this.state = parser.state;
        this.finished = parser.finished;
      }
    }
  }

  /** What came of the files, by their paths: those that were taken back are not there. */
  get files(): Readonly<Record<string, string>> {
    const files = new Map<string, string>();
    let open = '';
    for (const record of this.records) {
      if (record.type === 'entry' && record.entry.kind === 'file') {
        const isKept = record.entry.again === undefined && record.entry.anew !== true;
        open = record.entry.path.join('/');
        files.set(open, isKept ? (files.get(open) ?? '') : '');
      }
      if (record.type === 'data') files.set(open, `${files.get(open) ?? ''}${toHex(record.bytes)}`);
      if (record.type === 'fail') files.delete(open);
    }
    return Object.fromEntries(files);
  }
}

describe('content that another implementation sealed', () => {
  it.each(vectors.accepted)('is taken: $what', (vector) => {
    const receiving = new Receiving();
    receiving.take(vector);
    expect(receiving.finished).toBe(true);
    expect(receiving.state?.entry).toBe(vector.entries);
    const expected = vector.files.map(({ path, content }) => [path.join('/'), content]);
    expect(receiving.files).toEqual(Object.fromEntries(expected));
  });

  it.each(vectors.refused)('is refused: $what', async (vector) => {
    const { connections, offer, error } = vector;
    const withoutLast = connections.map((each) => ({ ...each, chunks: each.chunks.slice(0, -1) }));
    new Receiving().take({ offer, connections: withoutLast });
    expect(
      await codeOf(() => {
        new Receiving().take(vector);
      }),
    ).toBe(error);
  });
});
