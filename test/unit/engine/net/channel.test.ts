import { afterEach, describe, expect, it } from 'vitest';
import { wireNumber } from '../../../../shared/errors.ts';
import { FRAME_TYPES } from '../../../../shared/frame-types.ts';
import { encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';
import { encodeFrame } from '../../../../src-main/engine/net/frames.ts';
import { Lines } from '../../../support/line.ts';

const lines = new Lines();
afterEach(() => lines.dispose());

describe('a peer’s last word', () => {
  it('is heard by every sender, and after what was said before it, by whoever listens', async () => {
    const { channel, far } = await lines.open();
    const closed = new Promise((resolve) => {
      channel.onClose(resolve);
    });
    far.write(encodeFrame(FRAME_TYPES.chunk, new Uint8Array(10)));
    far.end(encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber('cancelled') })));
    await closed;
    const cancelled = { code: 'cancelled', fromPeer: true };
    const progress = { bytes: 0, files: 0, safeChunks: 0 };
    // One report fails unheard, as those do that nobody waits for.
    await expect(channel.send('progress', progress)).rejects.toMatchObject(cancelled);
    await expect(channel.send('progress', progress)).rejects.toMatchObject(cancelled);
    expect((await channel.expect('chunk')).body).toHaveLength(10);
    await expect(channel.expect('chunk')).rejects.toMatchObject(cancelled);
  });
});
