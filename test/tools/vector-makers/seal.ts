import sodium from 'libsodium-wrappers';
import { transferIdSchema } from '../../../shared/views.ts';
import { chunkAssociatedData } from '../../../src-main/engine/content/seal.ts';
import { bytesNamed, hex, pattern } from './material.ts';

/** libsodium's tags by the names they have there. */
const TAGS = { MESSAGE: 0, PUSH: 1, REKEY: 2, FINAL: 3 } as const;

interface Place {
  readonly entry: number;
  readonly offset: number;
  readonly length: number;
  readonly tag: keyof typeof TAGS;
}

/** Vectors of the sealed stream. libsodium chooses each header, so a new run gives other streams. */
export async function sealVectors(): Promise<object> {
  await sodium.ready;
  const stream = (name: string, places: readonly Place[]) => {
    const key = bytesNamed(`key of ${name}`);
    const transfer = transferIdSchema.parse(hex(bytesNamed(`id of ${name}`).subarray(0, 16)));
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    return {
      what: name,
      key: hex(key),
      header: hex(header),
      transfer,
      chunks: places.map(({ entry, offset, length, tag }) => {
        const plaintext = pattern(length);
        const associatedData = chunkAssociatedData(transfer, entry, offset);
        const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(
          state,
          plaintext,
          associatedData,
          TAGS[tag],
        );
        return {
          entry,
          offset,
          associatedData: hex(associatedData),
          plaintext: hex(plaintext),
          final: tag === 'FINAL',
          sealed: hex(sealed),
        };
      }),
    };
  };
  const most = Number.MAX_SAFE_INTEGER;
  return {
    accepted: [
      stream('one empty chunk', [{ entry: 0, offset: 0, length: 0, tag: 'FINAL' }]),
      stream('several chunks', [
        { entry: 0, offset: 0, length: 1, tag: 'MESSAGE' },
        { entry: 0, offset: 1, length: 64, tag: 'MESSAGE' },
        { entry: 1, offset: 0, length: 0, tag: 'MESSAGE' },
        { entry: 200_000, offset: 2 ** 40, length: 1000, tag: 'MESSAGE' },
        { entry: most, offset: most, length: 17, tag: 'FINAL' },
      ]),
    ],
    refused: [
      stream('the last chunk has the tag PUSH', [
        { entry: 0, offset: 0, length: 5, tag: 'MESSAGE' },
        { entry: 0, offset: 5, length: 5, tag: 'PUSH' },
      ]),
      stream('the last chunk has the tag REKEY', [
        { entry: 0, offset: 0, length: 5, tag: 'MESSAGE' },
        { entry: 0, offset: 5, length: 5, tag: 'REKEY' },
      ]),
    ],
  };
}
