import { z } from 'zod';
import type { FRAME_TYPES } from './frame-types.ts';
import {
  MAX_DETAILS_AT_ONCE,
  MAX_DEVICE_NAME_CHARACTERS,
  MAX_ENTRIES,
  MAX_HOSTS,
  MAX_INVITE_CHARACTERS,
  MAX_LISTED_RENAMES,
  MAX_LISTED_SKIPS,
  MAX_NAME_UNITS,
  MAX_OFFER_NAMES,
  MAX_PATH_BYTES,
} from './limits.ts';
import { ipAddress } from './ip-address.ts';
import { SKIP_REASONS, transferIdSchema } from './views.ts';

/**
 * The messages of both protocols, `sealane-pair/1` and `sealane/1`: one strict schema each, and the number under which its frame
 * travels. Bodies are deterministic CBOR (RFC 8949, section 4.2.1) maps; unknown keys are an error. docs/protocol.md tells who
 * may send what when.
 */

const bytes = (length: number) =>
  z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length === length,
    `expected ${String(length)} bytes`,
  );
const count = (max: number) => z.number().int().min(0).max(max);
const byteCount = count(Number.MAX_SAFE_INTEGER);
const port = count(65_535);
/** Where the sender of the message can be reached, as it says itself: IP addresses of its own, under one port. */
const hosts = z.array(ipAddress).max(MAX_HOSTS);
const name = z.string().min(1).max(MAX_NAME_UNITS);
const deviceName = z.string().min(1).max(MAX_DEVICE_NAME_CHARACTERS);
/** The name that a device is known by from then on: nobody would find one of blanks. */
export const firstName = deviceName.refine((text) => text.trim() !== '');

/** A path relative to what was sent, or to where it is now, for people to read: what leads out of that is none. */
const relativePath = z
  .string()
  .min(1)
  .max(MAX_PATH_BYTES)
  .refine((path) => path.split('/').every((each) => !['', '.', '..'].includes(each) && !each.includes('\0')));
const renamed = z
  .strictObject({ from: relativePath, to: relativePath })
  .refine(({ from, to }) => from !== to);

const skipped = z.strictObject({ path: z.string().max(MAX_PATH_BYTES), reason: z.enum(SKIP_REASONS) });

/** Ends either protocol: a number of shared/errors.ts, never text. */
const refuse = z.strictObject({ reason: count(65_535) });

/** Messages on a `sealane-pair/1` connection. */
export const pairMessages = {
  /** Invitee: the invite, and proof of holding its secret on this very connection (HMAC-SHA-256). */
  request: z.strictObject({
    token: z.string().max(MAX_INVITE_CHARACTERS),
    proof: bytes(32),
    name: firstName,
    hosts,
    port,
  }),
  /** Inviter: its own proof, and a commitment to its nonce. */
  challenge: z.strictObject({ proof: bytes(32), commitment: bytes(32) }),
  /** Invitee: its nonce, in the open. */
  nonce: z.strictObject({ nonce: bytes(32) }),
  /** Inviter: the nonce it had committed to. Both sides can now show the code. */
  reveal: z.strictObject({ nonce: bytes(32) }),
  /** Either: whether its user saw the same code. */
  verdict: z.strictObject({ matches: z.boolean() }),
  /** Either: the trust is stored. */
  stored: z.strictObject({}),
  refuse,
  ping: z.strictObject({}),
} as const;

/** Messages on a `sealane/1` connection. */
export const transferMessages = {
  /**
   * Dialling side first, then the other: protocol version, what it calls itself, the hosts it is reached at, the port it is usually
   * reached on (0: none), and the port on which it can be woken while this transfer is unfinished (0: none).
   */
  hello: z.strictObject({ version: count(65_535), name: deviceName, hosts, port, wakePort: port }),
  /** Sender: what it would like to send. Nothing touches the receiver's disk before it accepts. */
  offer: z.strictObject({
    transfer: transferIdSchema,
    /** The first top-level items, in the order in which their content comes. */
    items: z
      .array(z.strictObject({ name, kind: z.enum(['file', 'folder']), program: z.boolean() }))
      .min(1)
      .max(MAX_OFFER_NAMES),
    itemCount: count(MAX_ENTRIES),
    files: count(MAX_ENTRIES),
    folders: count(MAX_ENTRIES),
    bytes: byteCount,
    /** How many of the files and folders have hidden names, and how many of the files are programs (shared/marks.ts). */
    hidden: count(MAX_ENTRIES),
    programs: count(MAX_ENTRIES),
  }),
  /** Receiver: yes, with an ephemeral X-Wing public key, and where the content shall begin. */
  accept: z.strictObject({ kemPublicKey: bytes(1216), entry: count(MAX_ENTRIES), offset: byteCount }),
  /** Dialling side, instead of an offer: this device is back; whoever waits for it may go on. Ends the connection. */
  wake: z.strictObject({}),
  /** Dialling side, instead of an offer: its user has given up this transfer between the two. Ends the connection. */
  cancel: z.strictObject({ transfer: transferIdSchema }),
  /** Sender: the KEM ciphertext and the header of the sealed stream. Chunks follow. */
  start: z.strictObject({ kemCiphertext: bytes(1120), header: bytes(24) }),
  /** Receiver: how far it has come, and how many chunks of this connection are safe whatever happens to it. */
  progress: z.strictObject({ bytes: byteCount, files: count(MAX_ENTRIES), safeChunks: byteCount }),
  /** Receiver, before a `complete` that cannot list everything: some of all that was left out or renamed. */
  listed: z.strictObject({
    renamed: z.array(renamed).max(MAX_DETAILS_AT_ONCE),
    skipped: z.array(skipped).max(MAX_DETAILS_AT_ONCE),
  }),
  /**
   * Receiver: everything is on disk under its name, except what is listed. `nothing`: all of it was left out, so that not even a folder
   * is there.
   */
  complete: z.strictObject({
    files: count(MAX_ENTRIES),
    bytes: byteCount,
    nothing: z.boolean(),
    renamed: z.array(renamed).max(MAX_LISTED_RENAMES),
    renamedCount: count(MAX_ENTRIES),
    skipped: z.array(skipped).max(MAX_LISTED_SKIPS),
    skippedCount: count(MAX_ENTRIES),
  }),
  /** Sender: one sealed chunk. The only body that is not CBOR: it is handed to the opener as it came. */
  chunk: z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array),
  refuse,
  ping: z.strictObject({}),
} as const;

/** The two protocols as TLS ALPN names (RFC 7301). */
export const ALPN_PAIR = 'sealane-pair/1';
export const ALPN_TRANSFER = 'sealane/1';
export const PROTOCOL_VERSION = 1;

/** A protocol: its ALPN name, the label of its TLS exporter (RFC 8446, section 7.5), and its messages. */
export const PAIR_PROTOCOL = {
  alpn: ALPN_PAIR,
  exporterLabel: 'EXPORTER-sealane-pair/1',
  messages: pairMessages,
} as const;
export const TRANSFER_PROTOCOL = {
  alpn: ALPN_TRANSFER,
  exporterLabel: 'EXPORTER-sealane/1',
  messages: transferMessages,
} as const;

export type MessageSchemas = Partial<Record<keyof typeof FRAME_TYPES, z.ZodType>>;
export interface Protocol<Schemas extends MessageSchemas> {
  readonly alpn: string;
  readonly exporterLabel: string;
  readonly messages: Schemas;
}

/** A message as a tagged union: `{ type: 'offer', body: {…} }`. */
export type Message<Schemas extends MessageSchemas> = {
  [Name in keyof Schemas & keyof typeof FRAME_TYPES]: {
    readonly type: Name;
    readonly body: Schemas[Name] extends z.ZodType ? z.infer<Schemas[Name]> : never;
  };
}[keyof Schemas & keyof typeof FRAME_TYPES];

/** The body of one named message. */
export type MessageBody<
  Schemas extends MessageSchemas,
  Name extends keyof Schemas,
> = Schemas[Name] extends z.ZodType ? z.infer<Schemas[Name]> : never;
