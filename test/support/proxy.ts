import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

type Mode = 'pass' | 'hold' | 'stall' | 'refuse';

/** Between two pieces of up to 64 KiB on a line that was slowed down. */
const SLOW_PAUSE_MS = 20;

/** A line between two devices that a test can break in every way a real one breaks, and that counts what crosses it. */
export class Proxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #slowed = new WeakSet<Socket>();
  #target: number;
  #mode: Mode = 'pass';
  #forward = 0;
  #limit = Infinity;
  #onLimit: () => void = () => undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (client: Socket) => {
      this.#join(client);
    });
  }

  /** Leads to `target` (a port on loopback). */
  static async open(target: number): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, target);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return address.port;
  }

  /** Bytes handed on from whoever dialled to the target, over all connections. */
  get forwarded(): number {
    return this.#forward;
  }

  /** From now on leads elsewhere. */
  redirect(target: number): void {
    this.#target = target;
  }

  /** Resolves once this many bytes in all were handed on. */
  reached(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#limit = bytes;
      this.#onLimit = resolve;
      this.#check();
    });
  }

  /** Ends all connections by a reset, as a router that forgets them does. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Ends all connections in good order, as a peer that goes away does. */
  cut(): void {
    for (const socket of this.#sockets) socket.end();
  }

  /** What is connected now gets through at a few megabytes a second, so that no machine is too fast for what a test does next. */
  slow(): void {
    for (const socket of this.#sockets) this.#slowed.add(socket);
  }

  /** Nothing gets through any more, and nobody is told: a cable pulled out. New connections are not answered either. */
  stall(): void {
    this.#mode = 'stall';
    for (const socket of this.#sockets) socket.pause();
  }

  /** Nothing gets through until `release`, and then nothing is lost: time for a test to change something in the middle. */
  hold(): void {
    this.#mode = 'hold';
    for (const socket of this.#sockets) socket.pause();
  }

  /** Ends `hold`. */
  release(): void {
    this.#mode = 'pass';
    for (const socket of this.#sockets) socket.resume();
  }

  /** New connections are closed at once. */
  refuse(): void {
    this.#mode = 'refuse';
    this.reset();
  }

  /** The line is there again, for new connections; those that stalled stay dead. */
  pass(): void {
    this.#mode = 'pass';
  }

  async close(): Promise<void> {
    this.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    this.#keep(client);
    if (this.#mode === 'refuse') client.resetAndDestroy();
    if (this.#mode !== 'pass') return;
    const target = this.#keep(connect(this.#target, '127.0.0.1'));
    client.on('data', (bytes: Buffer) => {
      this.#forward += bytes.length;
      const isFull = !target.write(bytes);
      const goOn = () => {
        if (this.#mode === 'pass') client.resume();
      };
      if (this.#slowed.has(client)) {
        client.pause();
        setTimeout(goOn, SLOW_PAUSE_MS);
      } else if (isFull) {
        client.pause();
        target.once('drain', goOn);
      }
      this.#check();
    });
    target.pipe(client);
    client.on('end', () => target.end());
    client.on('close', (hadError) => (hadError ? target.destroy() : target.end()));
    target.on('close', (hadError) => (hadError ? client.destroy() : client.end()));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #check(): void {
    if (this.#forward < this.#limit) return;
    this.#limit = Infinity;
    this.#onLimit();
  }
}
