import type { TLSSocket } from 'node:tls';
import { ALPN_TRANSFER, TRANSFER_PROTOCOL } from '../../shared/messages.ts';
import type { DeviceId } from '../../shared/device-id.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { Channel } from '../../src-main/engine/net/channel.ts';
import { TcpTransport } from '../../src-main/engine/net/tcp-transport.ts';
import type { TransferChannel } from '../../src-main/engine/transfer/greeting.ts';

/** Lines between two new devices, over real sockets, for one test file; all gone after `dispose`. */
export class Lines {
  readonly #transports: TcpTransport[] = [];

  /** A channel on this side, and on the other the socket and who it is that was dialled. */
  async open(): Promise<{
    readonly channel: TransferChannel;
    readonly far: TLSSocket;
    readonly farId: DeviceId;
  }> {
    const [near, far] = [await generateIdentity(), await generateIdentity()];
    const [here, there] = [new TcpTransport(near), new TcpTransport(far)];
    this.#transports.push(here, there);
    let arrived: (socket: TLSSocket) => void = () => undefined;
    const accepted = new Promise<TLSSocket>((resolve) => {
      arrived = resolve;
    });
    const port = await there.listen({ host: '127.0.0.1', port: 0 }, ({ socket }) => {
      arrived(socket);
    });
    const stream = await here.dial({
      id: far.id,
      addresses: [{ host: '127.0.0.1', port }],
      alpn: ALPN_TRANSFER,
      signal: new AbortController().signal,
    });
    return { channel: new Channel(stream, TRANSFER_PROTOCOL), far: await accepted, farId: far.id };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#transports.splice(0).map((transport) => transport.close()));
  }
}
