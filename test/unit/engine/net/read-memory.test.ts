import { describe, expect, it } from 'vitest';
import { giveBack } from '../../../../src-main/engine/net/read-memory.ts';

describe('memory of what was read', () => {
  it('is given back when it is all of it', () => {
    const bytes = new Uint8Array(1024).fill(7);
    giveBack(bytes);
    expect(bytes.byteLength).toBe(0);
  });

  it('stays when others may use the rest of it', () => {
    const memory = new Uint8Array(1024).fill(7);
    const part = memory.subarray(0, 512);
    giveBack(part);
    expect(part.byteLength).toBe(512);
    expect(memory[600]).toBe(7);
  });

  it('stays where the runtime cannot give it back', () => {
    const bytes = new Uint8Array(new ArrayBuffer(16));
    Object.defineProperty(bytes.buffer, 'transfer', { value: undefined });
    giveBack(bytes);
    expect(bytes.byteLength).toBe(16);
  });
});
