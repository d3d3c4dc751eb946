import { Failure } from './failure.mjs';
import { makeIdentity } from './identity.mjs';
import { makeInvite, readInvite } from './invite.mjs';
import { parse } from './line.mjs';
import { pairAsInvitee, pairAsInviter } from './pairing.mjs';
import { Receiving } from './receiver.mjs';
import { dial, listen } from './tls.mjs';

/** A device of the second implementation: a key, those it trusts, and a port. It keeps all in memory. */

const HOST = '127.0.0.1';

/** @typedef {import('./messages.mjs').Offer} Offer */

export class Device {
  identity = makeIdentity();
  /** Ids of the devices that it has paired with. @type {Set<string>} */
  trusted = new Set();
  /** What was accepted, by the id of the transfer. @type {Map<string, Receiving>} */
  receiving = new Map();
  /** Where an offer shall go; nowhere: it is declined. @type {(offer: Offer) => string | undefined} */
  accept = () => undefined;
  /** Told how each connection of others that was about a transfer has ended. @type {(error: unknown) => void} */
  onEnd = () => undefined;
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

  /**
   * One connection about a transfer, to its end.
   * @param {import('./sender.mjs').Sending} sending
   * @param {{ id: string, port: number }} peer
   * @param {import('./sender.mjs').Meddle} [meddle]
   */
  async send(sending, { id, port }, meddle) {
    const line = await dial(this.identity, { host: HOST, port }, 'sealane/1', id);
    return await sending.over(line, this.#hello(), meddle);
  }

  /** @returns {import('./sender.mjs').Hello} */
  #hello() {
    return { version: 1, name: this.name, hosts: [HOST], port: this.port, wakePort: 0 };
  }

  /** @param {import('./line.mjs').Line} line */
  async #answer(line) {
    if (line.protocol === 'sealane-pair/1') {
      const attempt = pairAsInviter(line, this.identity, this.#invites, this.#compare);
      const outcome = this.#trustAfter(line, attempt);
      this.#waiting.shift()?.(outcome);
      await outcome.catch(() => undefined);
      return;
    }
    try {
      await this.#receive(line);
      this.onEnd(undefined);
    } catch (error) {
      await line.end(error);
      this.onEnd(error);
    }
  }

  /** @param {import('./line.mjs').Line} line */
  async #receive(line) {
    if (!this.trusted.has(line.peer.id)) throw new Failure('not-trusted');
    const hello = await line.expect('hello');
    if (hello.version !== 1) throw new Failure('protocol-version');
    await line.send('hello', this.#hello());
    const { name, body } = await line.next();
    if (name === 'cancel') await this.#giveUp(parse('cancel', body).transfer);
    if (name === 'cancel' || name === 'wake') {
      line.close();
      return;
    }
    if (name !== 'offer') throw new Failure('frame-out-of-order');
    const offer = parse('offer', body);
    checkOffer(offer);
    const receiving = this.receiving.get(offer.transfer) ?? this.#begin(offer);
    try {
      await receiving.over(line, offer, body);
    } catch (error) {
      // What the line did is no reason to give up; what the peer said or did is.
      const mayGoOn = ['connection-lost', 'connection-stalled', 'busy', 'paused'];
      if (error instanceof Failure && !mayGoOn.includes(error.code)) await this.#giveUp(offer.transfer);
      throw error;
    }
  }

  /** @param {Offer} offer */
  #begin(offer) {
    const into = this.accept(offer);
    if (into === undefined) throw new Failure('declined');
    const receiving = new Receiving(offer, into);
    this.receiving.set(offer.transfer, receiving);
    return receiving;
  }

  /** @param {string} transfer */
  async #giveUp(transfer) {
    const receiving = this.receiving.get(transfer);
    this.receiving.delete(transfer);
    await receiving?.discard();
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

/**
 * What section 5.3 says of an offer beyond its fields.
 * @param {Offer} offer
 */
function checkOffer({ items, itemCount, files, folders, hidden }) {
  const isPossible =
    items.length === Math.min(itemCount, 16) &&
    itemCount <= files + folders &&
    items.filter(({ name }) => name.startsWith('.')).length <= hidden;
  if (!isPossible) throw new Failure('frame-malformed');
}
