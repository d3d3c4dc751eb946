import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { joinFields } from '../fields.ts';

/** Stands where the name of a protector would: the key lies in the file as it is. */
export const UNPROTECTED = 'file';

/** What the key file holds. */
export interface KeyRecord {
  /** Who sealed `key`: `file` for nobody, else the protector's name. */
  readonly protector: string;
  /** Whose key it must turn out to be. */
  readonly id: DeviceId;
  /** Kept because making one takes a while; not secret, and made anew when it does not fit. */
  readonly certificate: string;
  /** PKCS#8 DER, sealed by the protector if there is one. */
  readonly key: Uint8Array;
}

/** A key file as it was found; `text` is its content. */
export type KeySlot =
  | { readonly state: 'absent' }
  | { readonly state: 'damaged' }
  /** Written by a newer version. */
  | { readonly state: 'newer' }
  | { readonly state: 'sound'; readonly record: KeyRecord; readonly text: string };

const VERSION = 1;

const fileSchema = z.strictObject({
  version: z.literal(VERSION),
  protector: z.string().min(1),
  id: deviceIdSchema,
  certificate: z.string(),
  key: z.base64(),
  /** SHA-256 over all of the above: finds damage before a keychain is asked to open what was never its own. No protection. */
  check: z.base64(),
});
const versionSchema = z.looseObject({ version: z.number() });

/** Writes the content of a key file. */
export function formatKeyRecord(record: KeyRecord): string {
  const { protector, id, certificate } = record;
  const key = Buffer.from(record.key).toString('base64');
  const check = checkOf(record).toString('base64');
  return `${JSON.stringify({ version: VERSION, protector, id, certificate, key, check }, null, 2)}\n`;
}

/** Reads the content of a key file. Never throws. */
export function parseKeyRecord(text: string): KeySlot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { state: 'damaged' };
  }
  const result = fileSchema.safeParse(value);
  if (!result.success) {
    const version = versionSchema.safeParse(value);
    return { state: version.success && version.data.version > VERSION ? 'newer' : 'damaged' };
  }
  const { protector, id, certificate, key, check } = result.data;
  const record: KeyRecord = { protector, id, certificate, key: new Uint8Array(Buffer.from(key, 'base64')) };
  const found = Buffer.from(check, 'base64');
  const expected = checkOf(record);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return { state: 'damaged' };
  return { state: 'sound', record, text };
}

function checkOf({ protector, id, certificate, key }: KeyRecord): Buffer {
  const words = [protector, id, certificate].map((word) => Buffer.from(word));
  return createHash('sha256')
    .update(joinFields('sealane key file 1', ...words, key))
    .digest();
}
