import { createCipheriv, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Identity } from '../../src-main/engine/identity/identity.ts';

/** Types of content (RFC 8446, section 5.1). */
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

/** A KeyUpdate that asks for one of the other side's (section 4.6.3). */
const KEY_UPDATE = Buffer.from([24, 0, 0, 1, 1]);

/**
 * A client that seals its TLS records itself once the handshake is done, since Node's API asks for no new keys: it sends what it likes, as
 * messages of TLS or as data, and reads only if it is told to.
 */
export class KeyUpdater {
  readonly #tcp: Socket;
  readonly #socket: TLSSocket;
  #secret: Buffer;
  #key: Buffer;
  #iv: Buffer;
  #sequence = 0;
  #sent = 0;
  #isClosed = false;

  private constructor(tcp: Socket, socket: TLSSocket, secret: Buffer) {
    this.#tcp = tcp;
    this.#socket = socket;
    this.#secret = secret;
    [this.#key, this.#iv] = keysOf(secret);
    tcp.on('close', () => (this.#isClosed = true));
    // All that is heard goes unread.
    socket.resume();
  }

  /** Dials on loopback. */
  static async dial(port: number, alpn: string, identity: Identity): Promise<KeyUpdater> {
    const tcp = connectTcp({ host: '127.0.0.1', port });
    tcp.on('error', () => undefined);
    const socket = connect({
      socket: tcp,
      ALPNProtocols: [alpn],
      rejectUnauthorized: false,
      ciphers: 'TLS_AES_128_GCM_SHA256',
      key: identity.privateKeyPem,
      cert: identity.certificatePem,
    });
    socket.on('error', () => undefined);
    let secret: Buffer | undefined;
    socket.on('keylog', (line: Buffer) => {
      const [label, , value = ''] = line.toString('latin1').trim().split(' ');
      if (label === 'CLIENT_TRAFFIC_SECRET_0') secret = Buffer.from(value, 'hex');
    });
    await once(socket, 'secureConnect');
    // The last words of the handshake are written behind this event.
    await new Promise((resolve) => setImmediate(resolve));
    if (secret === undefined) throw new Error('no secret of the connection was told');
    return new KeyUpdater(tcp, socket, secret);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes sent over the network since the handshake. */
  get sent(): number {
    return this.#sent;
  }

  /** From now on nothing is read, and the system's buffers fill. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Sends data in a record of its own. */
  data(bytes: Uint8Array): void {
    this.#record(APPLICATION_DATA, bytes);
  }

  /** Asks `count` times for new keys; resolves when the system has taken that, or the connection has ended. */
  async askForKeys(count: number): Promise<void> {
    this.#tcp.cork();
    for (let i = 0; i < count; i += 1) {
      this.#record(HANDSHAKE, KEY_UPDATE);
      this.#secret = expand(this.#secret, 'traffic upd', 32);
      [this.#key, this.#iv] = keysOf(this.#secret);
      this.#sequence = 0;
    }
    this.#tcp.uncork();
    while (this.#tcp.writableNeedDrain && !this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close(): void {
    this.#tcp.destroy();
  }

  /** One TLSCiphertext (section 5.2). */
  #record(type: number, content: Uint8Array): void {
    const header = Buffer.from([APPLICATION_DATA, 3, 3, 0, 0]);
    header.writeUInt16BE(content.length + 1 + 16, 3);
    const nonce = Buffer.from(this.#iv);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence) >>> 0, 8);
    this.#sequence += 1;
    const cipher = createCipheriv('aes-128-gcm', this.#key, nonce).setAAD(header);
    const sealed = [cipher.update(content), cipher.update(Buffer.from([type])), cipher.final()];
    const record = Buffer.concat([header, ...sealed, cipher.getAuthTag()]);
    this.#sent += record.length;
    if (!this.#isClosed) this.#tcp.write(record);
  }
}

function keysOf(secret: Buffer): [key: Buffer, iv: Buffer] {
  return [expand(secret, 'key', 16), expand(secret, 'iv', 12)];
}

/** HKDF-Expand-Label of SHA-256, for one block (section 7.1). */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.from([0, length, name.length, ...name, 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}
