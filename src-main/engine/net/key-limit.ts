import type { TLSSocket } from 'node:tls';
import { MAX_CONNECTIONS_PER_KEY } from '../../../shared/limits.ts';
import type { DeviceId } from '../../../shared/device-id.ts';

/**
 * Counts the inbound connections of each key from its handshake until they are closed, whatever has become of them meanwhile: used,
 * refused, or lingering after a goodbye. So the descriptors that one device can take are bounded, whatever it says and however slowly
 * it closes.
 */
export class KeyLimit {
  readonly #byKey = new Map<DeviceId, Set<TLSSocket>>();

  /**
   * Takes a connection, or closes it where its key has MAX_CONNECTIONS_PER_KEY that are all in use; gives whether it was taken. Of those
   * to which this side has said goodbye already, the oldest is closed to make room.
   */
  admit(key: DeviceId, socket: TLSSocket): boolean {
    const sockets = this.#byKey.get(key) ?? new Set<TLSSocket>();
    if (sockets.size >= MAX_CONNECTIONS_PER_KEY) {
      const lingering = [...sockets].find(({ writableEnded }) => writableEnded);
      if (lingering === undefined) {
        socket.destroy();
        return false;
      }
      // `close` comes a turn later; the place is taken now.
      sockets.delete(lingering);
      lingering.destroy();
    }
    this.#byKey.set(key, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#byKey.get(key) === sockets) this.#byKey.delete(key);
    });
    return true;
  }
}
