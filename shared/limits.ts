/**
 * Every bound of the protocol and of what is kept, with its reason. A length that comes from a peer is held against one of
 * these before memory is taken for it. Sizes are bytes, times are milliseconds, unless a name says otherwise.
 */

/** Frame header: 4-byte big-endian body length, 1-byte type. */
export const FRAME_HEADER_BYTES = 5;

/** A control message is a small map; the largest (an offer with its names, an accept with its KEM key) stays far below. */
export const MAX_CONTROL_BODY_BYTES = 64 * 1024;

/** Plaintext of one chunk. Room for tuning: a sender may use less, never more. */
export const MAX_CHUNK_PLAINTEXT_BYTES = 1024 * 1024;

/**
 * What a sender may have sent that the receiver has not yet said to be safe: all of it crosses the line twice when the receiver dies.
 * The transfer's total divided by this, between two bounds: less would wait for every disk, more would fill what lies between the two.
 */
export const WINDOW_DIVISOR = 80;
export const MIN_WINDOW_BYTES = 4 * 1024 * 1024;
export const MAX_WINDOW_BYTES = 64 * 1024 * 1024;

/** What secretstream adds to each chunk: one encrypted tag byte and a 16-byte Poly1305 authenticator. */
export const SEAL_OVERHEAD_BYTES = 17;

/** The largest body a chunk frame may have. */
export const MAX_CHUNK_BODY_BYTES = MAX_CHUNK_PLAINTEXT_BYTES + SEAL_OVERHEAD_BYTES;

/** An invite is a JWT of well under 2 KiB; whatever is longer is not one. */
export const MAX_INVITE_CHARACTERS = 4096;

/** Files and folders in one transfer. Memory does not grow with them; the bound keeps a hostile peer from filling a file system with inodes. */
export const MAX_ENTRIES = 5_000_000;

/** One name in a path, in UTF-16 code units: the longest that NTFS, APFS and exFAT hold. */
export const MAX_NAME_UNITS = 255;

/** The same in UTF-8 bytes, as ext4 and most of Linux count: what gets another name stays within this. */
export const MAX_NAME_BYTES = 255;

/** Folders within folders. */
export const MAX_PATH_DEPTH = 128;

/** A whole relative path, in UTF-8 bytes: below Linux' PATH_MAX with room for the destination. */
export const MAX_PATH_BYTES = 3072;

/** How many top-level names an offer carries to be shown; the rest is a count. */
export const MAX_OFFER_NAMES = 16;

/** How many files that were not transferred are listed one by one; the rest is a count. */
export const MAX_LISTED_SKIPS = 100;

/** How many things that got another name than they were sent under are listed one by one; the rest is a count. */
export const MAX_LISTED_RENAMES = 100;

/** How many top-level items that got another name at the very end are remembered by both their names; the rest is a count. */
export const MAX_MOVED_RENAMES = 100_000;

/**
 * What is kept in full of a transfer, beyond these lists: all that was left out and all that was renamed, as lines of JSON. Beyond, the
 * rest is a count. So much may each of the two lists take that a receiver notes them in while it receives, too. And what that may take of all transfers that this device sent, or that one device sent here: the oldest go first.
 */
export const MAX_DETAILS_BYTES = 4 * 1024 * 1024;
export const MAX_ALL_DETAILS_BYTES = 64 * 1024 * 1024;

/** How many of them are read, shown or told to the other side at once, and the bytes of JSON that they may take: more than any one. */
export const MAX_DETAILS_AT_ONCE = 100;
export const MAX_DETAILS_BYTES_AT_ONCE = 60 * 1024;

/** What all lists of a transfer (its items, and what its outcome lists) may take in the history, as JSON; the rest is counts. */
export const MAX_HISTORY_LIST_BYTES = 32 * 1024;

/** A device's name, in characters. */
export const MAX_DEVICE_NAME_CHARACTERS = 64;

/** How long an invite is good for unless asked otherwise, and at most. */
export const DEFAULT_INVITE_LIFETIME_MS = 10 * 60_000;
export const MAX_INVITE_LIFETIME_MS = 7 * 24 * 60 * 60_000;

/** Failed proofs after which an invite is spent. */
export const MAX_INVITE_FAILURES = 5;

/** A connection that has not finished its TLS handshake and first message by then is closed. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Quiet time after which a ping is sent, and after which the line counts as dead. */
export const PING_AFTER_MS = 5_000;
export const DEAD_AFTER_MS = 20_000;

/**
 * How long the system may take nothing of what was written to a peer, once that is content: the peer does not read while its disk is
 * slow, and whoever waits loses nothing by it. A peer to which only messages were written has no such reason, and DEAD_AFTER_MS.
 */
export const UNREAD_AFTER_MS = 5 * 60_000;

/**
 * What a peer may send beside what is in its TLS records: so much at once (a handshake, and a record that is not yet whole), so much more
 * in each second of the connection (of small messages, each its own record of 22 bytes more, an honest one sends some two hundred), and
 * the content divided by this (of which a record holds up to 16 KiB).
 */
export const MAX_TLS_OVERHEAD_BYTES = 64 * 1024;
export const MAX_TLS_OVERHEAD_BYTES_PER_SECOND = 8 * 1024;
export const TLS_OVERHEAD_DIVISOR = 64;

/** How long people may take to compare a code. */
export const COMPARE_TIMEOUT_MS = 5 * 60_000;

/** Progress is told at most this often, whatever the speed. */
export const PROGRESS_INTERVAL_MS = 100;

/** Connections that have not yet proven a key, all together and from one address; beyond that a new one takes the place of an old one. */
export const MAX_UNPROVEN_CONNECTIONS = 512;
export const MAX_UNPROVEN_CONNECTIONS_PER_ADDRESS = 256;

/** Inbound connections that one key may have at once, those among them that linger after a goodbye; room for all that one device may do. */
export const MAX_CONNECTIONS_PER_KEY = 32;

/** Hosts under which a device says that it can be reached. */
export const MAX_HOSTS = 8;

/** Pings that a peer may send at once, and how many more in each second of the connection. An honest one sends one in five seconds. */
export const PINGS_AT_ONCE = 20;
export const PINGS_PER_SECOND = 1;

/** Failed attempts to pair from one address within this time, after which it gets no more answers than that. */
export const MAX_PAIRING_FAILURES_PER_ADDRESS = 10;
export const PAIRING_FAILURE_WINDOW_MS = 60_000;

/** New offers of one trusted device: this many at once, and this many a second from then on. More are told `too-fast`, and come again. */
export const OFFER_BURST = 64;
export const OFFERS_PER_SECOND = 2;

/** Connections of one trusted device, each of which may make this one write: room for two for each offer. More are told `too-fast`. */
export const HELLO_BURST = 128;
export const HELLOS_PER_SECOND = 4;

/** How often a device may change its own name here: this many times at once, and once in this time from then on. */
export const RENAME_BURST = 3;
export const RENAME_EVERY_MS = 60_000;

/** How often one device can cut short the waits of what is sent to it. What waits dials by itself every six seconds. */
export const WAKE_BURST = 4;
export const WAKE_EVERY_MS = 2_000;
