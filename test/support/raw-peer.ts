import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { createServer, connect } from 'node:tls';
import type { SecureVersion, Server, TLSSocket } from 'node:tls';
import { encodeCbor } from '../../src-main/engine/codec/cbor.ts';
import type { Identity } from '../../src-main/engine/identity/identity.ts';
import { FrameReader, encodeFrame } from '../../src-main/engine/net/frames.ts';
import type { Frame } from '../../src-main/engine/net/frames.ts';
import { codeOfWireNumber } from '../../shared/errors.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { PROTOCOL_VERSION, pairMessages, transferMessages } from '../../shared/messages.ts';
import type { MessageBody } from '../../shared/messages.ts';
import { decodeCbor } from '../../src-main/engine/codec/cbor.ts';

type Messages = typeof pairMessages & typeof transferMessages;

/** A peer that says whatever a test wants, in frames by hand: real TLS, no rules. */
export class RawPeer {
  readonly socket: TLSSocket;
  readonly #tcp: Socket | undefined;
  readonly #dialled: Parameters<typeof RawPeer.dial> | undefined;
  readonly #reader = new FrameReader(new Set(Object.values(FRAME_TYPES)));
  readonly #frames: Frame[] = [];
  #wake: () => void = () => undefined;
  #closed = false;

  private constructor(
    socket: TLSSocket,
    dialled?: { readonly tcp: Socket; readonly how: Parameters<typeof RawPeer.dial> },
  ) {
    this.socket = socket;
    this.#tcp = dialled?.tcp;
    this.#dialled = dialled?.how;
    socket.on('data', (bytes: Buffer) => {
      this.#frames.push(...this.#reader.push(bytes));
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Speaks over a connection that is already there, from either side. */
  static over(socket: TLSSocket): RawPeer {
    return new RawPeer(socket);
  }

  /** Connects to an engine on loopback, from another address of 127.0.0.0/8 if so asked. Rejects when TLS fails. */
  static async dial(
    port: number,
    alpn: string,
    identity: Identity | undefined,
    options: { minVersion?: SecureVersion; maxVersion?: SecureVersion; localAddress?: string } = {},
  ): Promise<RawPeer> {
    const { localAddress = '127.0.0.1', ...versions } = options;
    const tcp = connectTcp({ host: '127.0.0.1', port, localAddress });
    const socket = connect({
      socket: tcp,
      ALPNProtocols: [alpn],
      rejectUnauthorized: false,
      ...(identity === undefined ? {} : { key: identity.privateKeyPem, cert: identity.certificatePem }),
      ...versions,
    });
    await once(socket, 'secureConnect');
    return new RawPeer(socket, { tcp, how: [port, alpn, identity, options] });
  }

  /** A new connection of the same peer to the same engine. */
  async again(): Promise<RawPeer> {
    if (this.#dialled === undefined) throw new Error('this peer was dialled itself');
    return await RawPeer.dial(...this.#dialled);
  }

  exporter(label: string): Uint8Array {
    return this.socket.exportKeyingMaterial(32, label, Buffer.alloc(0));
  }

  raw(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  frame(type: number, body: Uint8Array): void {
    this.raw(encodeFrame(type, body));
  }

  /** Any value under any message's type, whether it fits or not. */
  message(name: keyof typeof FRAME_TYPES, body: unknown): void {
    this.frame(FRAME_TYPES[name], encodeCbor(body));
  }

  hello(name = 'hostile'): void {
    this.message('hello', { version: PROTOCOL_VERSION, name, hosts: [], port: 0, wakePort: 0 });
  }

  /** The next frame that is no ping; undefined once the other side has closed. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined && frame.type !== FRAME_TYPES.ping) return frame;
      if (frame !== undefined) continue;
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next message, which must be `name`; how far a receiver says it has come is passed over. */
  async expect<Name extends keyof Messages>(name: Name): Promise<MessageBody<Messages, Name>> {
    let frame = await this.next();
    while (frame?.type === FRAME_TYPES.progress && name !== 'progress') frame = await this.next();
    if (frame?.type !== FRAME_TYPES[name]) throw new Error(`expected ${name}, got ${describe(frame)}`);
    const messages: Messages = { ...pairMessages, ...transferMessages };
    const body: unknown = decodeCbor(messages[name], frame.body);
    return body as MessageBody<Messages, Name>;
  }

  /** The code with which the engine ends this, or `closed` when it ends without a word. */
  async ending(): Promise<string> {
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) return 'closed';
      if (frame.type !== FRAME_TYPES.refuse) continue;
      return codeOfWireNumber(decodeCbor(pairMessages.refuse, frame.body).reason);
    }
  }

  /** From now on the connection is not closed from here when the other side has closed its half. */
  stays(): void {
    this.socket.allowHalfOpen = true;
    if (this.#tcp !== undefined) this.#tcp.allowHalfOpen = true;
  }

  close(): void {
    this.socket.destroy();
  }
}

function describe(frame: Frame | undefined): string {
  if (frame === undefined) return 'the end';
  if (frame.type === FRAME_TYPES.refuse)
    return `refuse ${String(decodeCbor(pairMessages.refuse, frame.body).reason)}`;
  return String(frame.type);
}

/** Where an engine is expected, and is not. */
export interface Impostor {
  readonly port: number;
  readonly server: Server;
  /** Bytes that were said to it inside TLS. */
  readonly received: () => number;
  /** Connections to it that the other side has not closed. */
  readonly open: () => number;
}

/** A TLS server with another key, or another version, where an engine is expected. It closes nothing by itself. */
export async function impostor(
  identity: Pick<Identity, 'privateKeyPem' | 'certificatePem'>,
  alpn: string,
  options: { minVersion?: SecureVersion; maxVersion?: SecureVersion; port?: number } = {},
): Promise<Impostor> {
  const { port = 0, ...versions } = options;
  let received = 0;
  let open = 0;
  const server = createServer(
    {
      key: identity.privateKeyPem,
      cert: identity.certificatePem,
      ALPNProtocols: [alpn],
      requestCert: true,
      rejectUnauthorized: false,
      ...versions,
    },
    (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        received += bytes.length;
      });
    },
  );
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    open += 1;
    socket.on('close', () => (open -= 1));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server, received: () => received, open: () => open };
}
