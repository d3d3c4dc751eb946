import { concatBytes } from '@noble/hashes/utils.js';
import { u32, view } from './bytes.mjs';
import { Failure, codeOf, numberOf } from './failure.mjs';
import { MAX_BODY, MAX_CHUNK_BODY, frameTypes, schemas } from './messages.mjs';
import { fromCbor, toCbor } from './schema.mjs';

/** One connection as a sequence of frames: docs/protocol.md, sections 3 to 3.2. */

const HEADER = 5;
const PING_AFTER_MS = 5_000;
const DEAD_AFTER_MS = 20_000;
const PINGS_AT_ONCE = 20;

export class Line {
  #sent = Date.now();
  #opened = Date.now();
  #pings = 0;
  #isOver = false;
  /** @type {Uint8Array} */
  #rest = new Uint8Array();
  #beat;

  /**
   * @param {import('node:tls').TLSSocket} socket
   * @param {import('./messages.mjs').Protocol} protocol
   * @param {{ spki: Uint8Array, id: string, exporter: Uint8Array }} peer
   */
  constructor(socket, protocol, peer) {
    this.socket = socket;
    this.protocol = protocol;
    this.peer = peer;
    this.types = frameTypes[protocol];
    socket.on('error', () => undefined);
    this.#beat = setInterval(() => {
      if (!this.#isOver && Date.now() - this.#sent > PING_AFTER_MS) void this.send('ping', {});
    }, 1_000);
    socket.on('close', () => {
      clearInterval(this.#beat);
    });
  }

  /**
   * Gives the body as it is on the wire.
   * @template {import('./messages.mjs').Name} N
   * @param {N} name
   * @param {import('./messages.mjs').Message<N>} value
   */
  async send(name, value) {
    return await this.sendBody(name, toCbor(value));
  }

  /**
   * @param {import('./messages.mjs').Name | 'chunk'} name
   * @param {Uint8Array} body
   */
  async sendBody(name, body) {
    const type = Object.entries(this.types).find(([, each]) => each === name)?.[0];
    if (type === undefined) throw new Error(`${name} is no message of ${this.protocol}`);
    this.#sent = Date.now();
    const isTaken = this.socket.write(concatBytes(u32(body.length), Uint8Array.of(Number(type)), body));
    if (!isTaken && !this.socket.destroyed) await this.#until('drain', 'close');
    return body;
  }

  /**
   * The next message that is no ping, with its body; a `refuse`, and the end of the line, are thrown.
   * @returns {Promise<{ name: import('./messages.mjs').Name | 'chunk', body: Uint8Array }>}
   */
  async next() {
    for (;;) {
      const header = await this.#take(HEADER);
      const name = this.types[header[4] ?? 0];
      if (name === undefined) throw new Failure('frame-unknown-type');
      const length = view(header).getUint32(0);
      if (length > (name === 'chunk' ? MAX_CHUNK_BODY : MAX_BODY)) throw new Failure('frame-too-long');
      const body = await this.#take(length);
      if (name === 'refuse') throw new Failure(codeOf(fromCbor(schemas.refuse, body).reason), 'peer');
      if (name !== 'ping') return { name, body };
      fromCbor(schemas.ping, body);
      this.#pings += 1;
      if (this.#pings > PINGS_AT_ONCE + (Date.now() - this.#opened) / 1000)
        throw new Failure('frame-out-of-order');
    }
  }

  /**
   * The next message, which has to be this one.
   * @template {import('./messages.mjs').Name} N
   * @param {N} name
   * @returns {Promise<import('./messages.mjs').Message<N>>}
   */
  async expect(name) {
    const { name: got, body } = await this.next();
    if (got !== name) throw new Failure('frame-out-of-order');
    return parse(name, body);
  }

  /**
   * Says why, unless it was the peer who said it, and lets go of the connection.
   * @param {unknown} error
   */
  async end(error) {
    if (!(error instanceof Failure)) await this.send('refuse', { reason: numberOf('internal') });
    else if (error.by === 'me' && !['connection-lost', 'code-mismatch'].includes(error.code))
      await this.send('refuse', { reason: numberOf(error.code) });
    this.close();
  }

  /** Closes its half, throws away what still comes, and lets go. */
  close() {
    this.#isOver = true;
    clearInterval(this.#beat);
    this.socket.end();
    this.socket.resume();
    setTimeout(() => this.socket.destroy(), 2_000).unref();
  }

  /**
   * @param {number} length
   * @returns {Promise<Uint8Array>}
   */
  async #take(length) {
    /** @type {Uint8Array[]} */
    const pieces = [this.#rest];
    let has = this.#rest.length;
    while (has < length) {
      /** @type {unknown} */
      const piece = this.socket.read();
      if (piece instanceof Uint8Array) {
        pieces.push(piece);
        has += piece.length;
      } else if (this.socket.readableEnded || this.socket.destroyed) throw new Failure('connection-lost');
      else await this.#until('readable', 'end', 'close');
    }
    const all = pieces.length === 1 ? this.#rest : concatBytes(...pieces);
    this.#rest = all.subarray(length);
    return all.subarray(0, length);
  }

  /** @param {...string} events */
  async #until(...events) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    /** @type {() => void} */
    let done = () => undefined;
    try {
      await new Promise((resolve, reject) => {
        done = () => {
          resolve(undefined);
        };
        for (const event of events) this.socket.once(event, done);
        timer = setTimeout(() => {
          reject(new Failure('connection-stalled'));
        }, DEAD_AFTER_MS);
      });
    } finally {
      clearTimeout(timer);
      for (const event of events) this.socket.off(event, done);
    }
  }
}

/**
 * @template {import('./messages.mjs').Name} N
 * @param {N} name
 * @param {Uint8Array} body
 * @returns {import('./messages.mjs').Message<N>}
 */
export function parse(name, body) {
  /** @type {unknown} */
  const schema = schemas[name];
  const is = /** @type {import('./schema.mjs').Is<import('./messages.mjs').Message<N>>} */ (schema);
  return fromCbor(is, body);
}
