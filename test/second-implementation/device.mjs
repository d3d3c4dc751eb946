import { makeIdentity } from './identity.mjs';
import { makeInvite, readInvite } from './invite.mjs';
import { pairAsInvitee, pairAsInviter } from './pairing.mjs';
import { dial, listen } from './tls.mjs';

/** A device of the second implementation: a key, those it trusts, and a port. It keeps all in memory. */

const HOST = '127.0.0.1';

export class Device {
  identity = makeIdentity();
  /** Ids of the devices that it has paired with. @type {Set<string>} */
  trusted = new Set();
  /** @type {Map<string, import('./invite.mjs').Invite & { isOpen: boolean, failures: number }>} */
  #invites = new Map();
  /** How the attempts of those end who use one of its invites. @type {((paired: Promise<import('./pairing.mjs').Paired>) => void)[]} */
  #waiting = [];
  /** @type {import('./pairing.mjs').Compare} */
  #compare = () => false;
  /** @type {{ port: number, close: () => void } | undefined} */
  #server;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @param {string} name */
  static async open(name) {
    const device = new Device(name);
    device.#server = await listen(device.identity, (line) => {
      void device.#answer(line);
    });
    return device;
  }

  get port() {
    return this.#server?.port ?? 0;
  }

  close() {
    this.#server?.close();
  }

  /**
   * A link, and how the attempt of the first who uses it ends.
   * @param {import('./pairing.mjs').Compare} compare
   */
  invite(compare) {
    const invite = makeInvite(this.identity, {
      name: this.name,
      addresses: [{ host: HOST, port: this.port }],
    });
    this.#invites.set(invite.token, { ...invite, isOpen: true, failures: 0 });
    this.#compare = compare;
    /** @type {Promise<import('./pairing.mjs').Paired>} */
    const paired = new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
    // It may fail before anybody looks.
    paired.catch(() => undefined);
    return { link: `sealane://pair#${invite.token}`, paired };
  }

  /**
   * @param {string} link
   * @param {import('./pairing.mjs').Compare} compare
   */
  async pair(link, compare) {
    const invite = readInvite(link, Date.now());
    const [address = { host: HOST, port: 0 }] = invite.claims.addresses;
    const line = await dial(this.identity, address, 'sealane-pair/1', invite.claims.iss);
    const self = { name: this.name, hosts: [HOST], port: this.port };
    return await this.#trustAfter(line, pairAsInvitee(line, this.identity, invite, self, compare));
  }

  /** @param {import('./line.mjs').Line} line */
  async #answer(line) {
    if (line.protocol === 'sealane-pair/1') {
      const attempt = pairAsInviter(line, this.identity, this.#invites, this.#compare);
      const outcome = this.#trustAfter(line, attempt);
      this.#waiting.shift()?.(outcome);
      await outcome.catch(() => undefined);
    }
  }

  /**
   * @param {import('./line.mjs').Line} line
   * @param {Promise<import('./pairing.mjs').Paired>} attempt
   */
  async #trustAfter(line, attempt) {
    try {
      const paired = await attempt;
      this.trusted.add(paired.id);
      line.close();
      return paired;
    } catch (error) {
      await line.end(error);
      throw error;
    }
  }
}
