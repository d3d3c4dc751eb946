import { InvalidArgumentError } from 'commander';
import type { ExitClass } from '../../shared/errors.ts';
import { ACCEPT_POLICIES } from '../../shared/views.ts';
import type {
  EngineEvent,
  OfferDigest,
  PairingId,
  PairingView,
  TransferId,
  TransferState,
  TransferView,
} from '../../shared/views.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { AcceptOptions, Engine } from '../engine/index.ts';
import { folderArgument } from './commands/arguments.ts';
import { absolutePath } from './places.ts';
import { Failure, errorReport } from './failure.ts';
import { PairingTalk } from './pairing-talk.ts';
import { offerReport, turnedAwayReport } from './report.ts';
import { offerQuestion } from './sentences.ts';
import type { Session } from './session.ts';
import { TransferTalk, isStanding } from './transfer-talk.ts';
import { isToBeLeft } from './host.ts';

export const RECEIVE_POLICIES = [...ACCEPT_POLICIES, 'never'] as const;
export type ReceivePolicy = (typeof RECEIVE_POLICIES)[number];

/** Where everything goes; as in `AcceptOptions`. */
export type Folder = Required<Pick<AcceptOptions, 'into' | 'mountPoint'>>;

export interface ReceiverOptions {
  /** Undefined leaves it to what is set for the device. */
  readonly folder: Folder | undefined;
  /** Undefined leaves it to what is set for the device. */
  readonly accept: ReceivePolicy | undefined;
  readonly once: boolean;
}

type Offered = Pick<Extract<TransferState, { kind: 'offered' }>, 'offer' | 'problem'>;

interface Incoming {
  readonly talk: TransferTalk;
  /** The offer that was answered or is being asked about; undefined while there is none. */
  offer: OfferDigest | undefined;
  /** Whether it was said yes to, and it has not come back since. */
  isAnswered: boolean;
  /** Withdraws the question about that offer. */
  question: AbortController;
  /** Waits for something or is paused, and goes on the next time this device listens. */
  stands: boolean;
}

const NOBODY_ASKED =
  'There is no terminal to ask on, so the offer was declined. To accept without being asked: --accept always, ' +
  'or for one device: sealane devices set NAME --accept always';
const REFUSED = 'The offer was declined (--accept never).';
const ONLY_ONE =
  'The offer was declined: another transfer is under way, and only one was asked for (--once).';

/** Answers the offers that come in and tells what becomes of them. */
export class Receiver {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #options: ReceiverOptions;
  readonly #incoming = new Map<TransferId, Incoming>();
  readonly #pairings = new Map<PairingId, PairingTalk>();
  /** With `--once`, the transfer whose end is the end of the command. */
  #only: TransferId | undefined;
  #interrupted = false;
  /** How what was running when Ctrl-C came has ended. */
  #lastEnd: ExitClass = 'done';

  constructor(session: Session, engine: Engine, options: ReceiverOptions) {
    this.#session = session;
    this.#engine = engine;
    this.#options = options;
  }

  /** Takes an event; gives how the command ends once it does. */
  see(event: EngineEvent): ExitClass | undefined {
    if (event.type === 'pairing') this.#pairing(event.pairing);
    if (event.type === 'turned-away') this.#session.output.report(turnedAwayReport(event.turnedAway));
    return event.type === 'transfer' && event.transfer.direction === 'receive'
      ? this.#transfer(event.transfer)
      : undefined;
  }

  /** An invite that was made earlier may be used while this device listens. Without a person the codes cannot be compared. */
  #pairing(view: PairingView): void {
    if (view.role !== 'inviter' || view.state.kind === 'connecting') return;
    if (!this.#session.prompt.canAsk) {
      if (view.state.kind === 'comparing') this.#engine.cancelPairing(view.id);
      return;
    }
    const talk =
      this.#pairings.get(view.id) ?? new PairingTalk(this.#session, this.#engine, view.id, { yes: false });
    this.#pairings.set(view.id, talk);
    const end = talk.see(view);
    if (end === undefined) return;
    this.#pairings.delete(view.id);
    if (end !== 'paired') this.#session.output.report(end);
  }

  #transfer(view: TransferView): ExitClass | undefined {
    const incoming = this.#incoming.get(view.id) ?? this.#begin(view.id);
    const exit = incoming.talk.see(view);
    incoming.stands = isStanding(view.state);
    if (exit === undefined) {
      // One that was left over from earlier and still waits is not what --once is about.
      if (!incoming.stands) this.#only ??= view.id;
      if (view.state.kind === 'offered') this.#meet(view, view.state, incoming);
      return undefined;
    }
    incoming.question.abort();
    this.#incoming.delete(view.id);
    if (this.#interrupted) {
      // What was already across when Ctrl-C came has arrived, all of it or in part, and is not cancelled.
      if (exit !== 'done' && exit !== 'incomplete') this.#lastEnd = 'cancelled';
      else if (exit === 'incomplete' && this.#lastEnd === 'done') this.#lastEnd = 'incomplete';
      return this.#incoming.size > 0 ? undefined : this.#lastEnd;
    }
    return this.#options.once && view.id === this.#only ? exit : undefined;
  }

  /** Ends what is running; what waits for a better time is left for it. Gives how the command ends if nothing is running. */
  interrupt(): ExitClass | undefined {
    this.#interrupted = true;
    for (const [id, { question, stands }] of this.#incoming) {
      question.abort();
      if (stands || isToBeLeft(this.#session.host.signal)) this.#incoming.delete(id);
      else this.#drop(this.#engine.cancelTransfer(id), id);
    }
    for (const id of this.#pairings.keys()) this.#engine.cancelPairing(id);
    if (this.#incoming.size > 0) return undefined;
    // Ending a listener that has nothing to do is the way to end it; one that was to receive something has not done it.
    return this.#options.once ? 'cancelled' : 'done';
  }

  #begin(id: TransferId): Incoming {
    const incoming: Incoming = {
      talk: new TransferTalk(this.#session.output),
      offer: undefined,
      isAnswered: false,
      question: new AbortController(),
      stands: false,
    };
    this.#incoming.set(id, incoming);
    return incoming;
  }

  /**
   * Answers an offer once. One that takes its place under the same id is another one: it is asked about anew. So is one that comes back
   * because the folder of a yes could not be used.
   */
  #meet(view: TransferView, { offer, problem }: Offered, incoming: Incoming): void {
    const isBack = problem !== undefined && incoming.isAnswered;
    if (offer === incoming.offer && !isBack) return;
    incoming.isAnswered = false;
    incoming.question.abort();
    incoming.question = new AbortController();
    incoming.offer = offer;
    this.#answer(view, { offer, problem }, incoming);
  }

  #answer(view: TransferView, offered: Offered, incoming: Incoming): void {
    const { offer } = offered;
    if (this.#options.once && view.id !== this.#only) {
      this.#decline(view.id, offer, incoming, ONLY_ONE);
      return;
    }
    const policy = this.#options.accept ?? this.#policyOf(view);
    switch (policy) {
      case 'always':
        this.#accept(view.id, offer, incoming, { whenUnusable: 'wait' });
        return;
      case 'never':
        this.#decline(view.id, offer, incoming, REFUSED);
        return;
      case 'ask':
        this.#ask(view, offered, incoming);
        return;
      default:
        unreachable(policy);
    }
  }

  #policyOf(view: TransferView): ReceivePolicy {
    return this.#engine.snapshot().devices.find(({ id }) => id === view.device.id)?.accept ?? 'ask';
  }

  #ask(view: TransferView, { offer, problem }: Offered, incoming: Incoming): void {
    const { id } = view;
    const text = offerQuestion(offerReport(view));
    const question =
      problem === undefined ? { text } : { text: `${problem.message}\n${text}`, more: 'OTHER-FOLDER' };
    // Never rejects.
    void this.#session.prompt.askMore(question, incoming.question.signal).then((answer) => {
      switch (answer) {
        case 'yes':
          this.#accept(id, offer, incoming);
          return;
        case 'no':
          this.#decline(id, offer, incoming);
          return;
        case 'nobody':
          this.#decline(id, offer, incoming, NOBODY_ASKED);
          return;
        case 'withdrawn':
          return;
        default:
          this.#acceptInto(view, { offer, problem }, incoming, answer.more);
      }
    });
  }

  /** What was typed in the place of a folder is held against the same rules as on the command line. */
  #acceptInto(view: TransferView, offered: Offered, incoming: Incoming, text: string): void {
    try {
      const into = absolutePath(this.#session.host, folderArgument(text));
      this.#accept(view.id, offered.offer, incoming, { into });
    } catch (error) {
      const isUnfit = error instanceof InvalidArgumentError;
      this.#session.output.report(errorReport(isUnfit ? new Failure('usage', error.message) : error));
      this.#ask(view, offered, incoming);
    }
  }

  #accept(id: TransferId, offer: OfferDigest, incoming: Incoming, options: AcceptOptions = {}): void {
    // What was chosen at the start is no word about a folder that was named since.
    const folder = options.into === undefined ? this.#options.folder : undefined;
    incoming.isAnswered = true;
    this.#drop(this.#engine.acceptTransfer(id, offer, { ...folder, ...options }), id);
  }

  #decline(id: TransferId, offer: OfferDigest, incoming: Incoming, why?: string): void {
    if (why !== undefined) incoming.talk.explainDeclining(why);
    this.#drop(this.#engine.declineTransfer(id, offer), id);
  }

  /** What comes of an answer comes as an event. That it came too late, because the other side just gave up, is one as well. */
  #drop(answer: Promise<void>, id: TransferId): void {
    answer.catch((error: unknown) => {
      const report = errorReport(error, id);
      if (report.code !== 'unknown-transfer') this.#session.output.report(report);
    });
  }
}
