import { Failure } from './failure.mjs';
import { parse } from './line.mjs';
import {
  FINAL,
  MESSAGE,
  Sealer,
  associatedData,
  encapsulate,
  newHeader,
  transcriptOf,
  transferKey,
} from './seal.mjs';
import { contentOf, newTransfer, offerOf } from './tree.mjs';

/** Sending: docs/protocol.md, sections 7.1 to 7.5. */

const ROOM = 1024 * 1024;
/** Of what may be under way and not safe, the least that section 7.1 allows. */
const WINDOW = 4 * 1024 * 1024;

/** @typedef {import('./messages.mjs').Message<'hello'>} Hello */
/** @typedef {import('./messages.mjs').Message<'complete'>} Complete */

/**
 * For tests that do what no honest sender does: the bodies of chunks as they are about to be sent.
 * @typedef {(chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>} Meddle
 */

/** One transfer, over as many connections as it takes. */
export class Sending {
  transfer = newTransfer();
  /** Where each connection began. @type {import('./seal.mjs').Place[]} */
  begun = [];
  /** @type {import('./messages.mjs').Message<'progress'>[]} */
  progress = [];

  /** @param {import('./tree.mjs').Item[]} items */
  constructor(items) {
    this.items = items;
  }

  /**
   * Over one connection, to its end.
   * @param {import('./line.mjs').Line} line
   * @param {Hello} hello
   * @param {Meddle} [meddle]
   * @returns {Promise<Complete>}
   */
  async over(line, hello, meddle = (chunks) => chunks) {
    try {
      await greet(line, hello);
      const offer = await line.send('offer', offerOf(this.transfer, this.items));
      const answer = await line.next();
      if (answer.name === 'complete' && this.begun.length > 0) {
        line.close();
        return parse('complete', answer.body);
      }
      if (answer.name !== 'accept') throw new Failure('frame-out-of-order');
      const { kemPublicKey, entry, offset } = parse('accept', answer.body);
      this.#check({ entry, offset });
      this.begun.push({ entry, offset });
      const { cipherText, sharedSecret } = encapsulate(kemPublicKey);
      const header = newHeader();
      await line.send('start', { kemCiphertext: cipherText, header });
      const key = transferKey(sharedSecret, line.peer.exporter, transcriptOf(offer, answer.body));
      const sealed = this.#sealed(new Sealer(key, header), { entry, offset });
      const complete = await this.#exchange(line, meddle(sealed));
      line.close();
      return complete;
    } catch (error) {
      await line.end(error);
      throw error;
    }
  }

  /** @param {import('./seal.mjs').Place} place */
  #check({ entry, offset }) {
    const next = this.items[entry];
    const isInside = offset === 0 || (next?.kind === 'file' && offset <= next.size);
    if (entry > this.items.length || !isInside) throw new Failure('frame-malformed');
  }

  /**
   * @param {Sealer} sealer
   * @param {import('./seal.mjs').Place} start
   */
  async *#sealed(sealer, start) {
    for await (const { place, plaintext, isFinal } of contentOf(this.items, start, ROOM))
      yield sealer.seal(plaintext, associatedData(this.transfer, place), isFinal ? FINAL : MESSAGE);
  }

  /**
   * Sends and listens at the same time.
   * @param {import('./line.mjs').Line} line
   * @param {AsyncIterable<Uint8Array>} chunks
   */
  async #exchange(line, chunks) {
    /** Lengths of what was sent and is not safe. @type {number[]} */
    const unsafe = [];
    const heard = { safe: 0, isOver: false, hasSentAll: false, wake: () => undefined };
    const hear = async () => {
      for (;;) {
        const { name, body } = await line.next();
        if (name === 'complete' && heard.hasSentAll) return parse('complete', body);
        if (name !== 'progress') throw new Failure('frame-out-of-order');
        const progress = parse('progress', body);
        const news = progress.safeChunks - heard.safe;
        if (news < 0 || news > unsafe.length) throw new Failure('frame-out-of-order');
        this.progress.push(progress);
        unsafe.splice(0, news);
        heard.safe = progress.safeChunks;
        heard.wake();
      }
    };
    // A refusal may come at any time: what waits is woken, and the loop below leaves it to the end to say which.
    const outcome = hear().finally(() => {
      heard.isOver = true;
      heard.wake();
    });
    outcome.catch(() => undefined);
    const isOver = () => heard.isOver;
    for await (const chunk of chunks) {
      while (!isOver() && unsafe.reduce((sum, each) => sum + each, chunk.length) > WINDOW) {
        await new Promise((resolve) => {
          heard.wake = () => {
            resolve(undefined);
            return undefined;
          };
        });
      }
      if (isOver()) break;
      unsafe.push(chunk.length);
      await line.sendBody('chunk', chunk);
    }
    heard.hasSentAll = true;
    return await outcome;
  }
}

/**
 * The side that dialled says hello first.
 * @param {import('./line.mjs').Line} line
 * @param {Hello} hello
 */
async function greet(line, hello) {
  await line.send('hello', hello);
  const theirs = await line.expect('hello');
  if (theirs.version !== 1) throw new Failure('protocol-version');
}
