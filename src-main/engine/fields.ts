/**
 * Several fields as one unambiguous byte string: each with its length (4 bytes, big-endian) before it, a label (ASCII) first.
 * What is hashed or authenticated under different labels, or cut into fields differently, can never be the same bytes.
 */
export function joinFields(label: string, ...fields: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = [new TextEncoder().encode(label), ...fields];
  const joined = new Uint8Array(all.reduce((length, field) => length + 4 + field.length, 0));
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const field of all) {
    view.setUint32(at, field.length);
    joined.set(field, at + 4);
    at += 4 + field.length;
  }
  return joined;
}

/** Throws RangeError unless `bytes` has exactly `length` bytes: for values of ours, where a wrong length is our own mistake. */
export function requireLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`${name} must be ${length} bytes, not ${bytes.length}`);
}
