import type { ExitClass } from '../../shared/errors.ts';
import { ACCEPT_POLICIES } from '../../shared/views.ts';
import type { EngineEvent, TransferId, TransferView } from '../../shared/views.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { Engine } from '../engine/index.ts';
import { errorReport } from './failure.ts';
import type { Session } from './session.ts';
import { TransferTalk } from './transfer-talk.ts';

export const RECEIVE_POLICIES = [...ACCEPT_POLICIES, 'never'] as const;
export type ReceivePolicy = (typeof RECEIVE_POLICIES)[number];

export interface ReceiverOptions {
  /** Absolute; undefined leaves it to what is set for the device. */
  readonly into: string | undefined;
  /** Undefined leaves it to what is set for the device. */
  readonly accept: ReceivePolicy | undefined;
  readonly once: boolean;
}

interface Incoming {
  readonly talk: TransferTalk;
  /** Withdraws the question. */
  readonly question: AbortController;
  answered: boolean;
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
  /** What other processes on this profile did before is history, not ours to tell. */
  readonly #before: ReadonlySet<TransferId>;
  /** With `--once`, the transfer whose end is the end of the command. */
  #only: TransferId | undefined;
  #interrupted = false;

  constructor(session: Session, engine: Engine, options: ReceiverOptions) {
    this.#session = session;
    this.#engine = engine;
    this.#options = options;
    this.#before = new Set(engine.snapshot().transfers.map(({ id }) => id));
  }

  /** Takes an event; gives how the command ends once it does. */
  see(event: EngineEvent): ExitClass | undefined {
    if (event.type !== 'transfer') return undefined;
    const view = event.transfer;
    if (view.direction !== 'receive' || this.#before.has(view.id)) return undefined;
    const incoming = this.#incoming.get(view.id) ?? this.#begin(view.id);
    const exit = incoming.talk.see(view);
    if (exit === undefined) {
      if (view.state.kind === 'offered' && !incoming.answered) this.#answer(view, incoming);
      return undefined;
    }
    incoming.question.abort();
    this.#incoming.delete(view.id);
    if (this.#interrupted) return this.#incoming.size === 0 ? 'cancelled' : undefined;
    return this.#options.once && view.id === this.#only ? exit : undefined;
  }

  /** Ends what is running. Gives how the command ends if nothing is. */
  interrupt(): ExitClass | undefined {
    this.#interrupted = true;
    for (const [id, { question }] of this.#incoming) {
      question.abort();
      this.#drop(this.#engine.cancelTransfer(id), id);
    }
    if (this.#incoming.size > 0) return undefined;
    // Ending a listener that has nothing to do is the way to end it; one that was to receive something has not done it.
    return this.#options.once ? 'cancelled' : 'done';
  }

  #begin(id: TransferId): Incoming {
    const incoming = {
      talk: new TransferTalk(this.#session.output),
      question: new AbortController(),
      answered: false,
    };
    this.#incoming.set(id, incoming);
    this.#only ??= id;
    return incoming;
  }

  #answer(view: TransferView, incoming: Incoming): void {
    incoming.answered = true;
    if (this.#options.once && view.id !== this.#only) {
      this.#decline(view.id, incoming, ONLY_ONE);
      return;
    }
    const policy = this.#options.accept ?? this.#policyOf(view);
    switch (policy) {
      case 'always':
        this.#accept(view.id);
        return;
      case 'never':
        this.#decline(view.id, incoming, REFUSED);
        return;
      case 'ask':
        this.#ask(view.id, incoming);
        return;
      default:
        unreachable(policy);
    }
  }

  #policyOf(view: TransferView): ReceivePolicy {
    return this.#engine.snapshot().devices.find(({ id }) => id === view.device.id)?.accept ?? 'ask';
  }

  #ask(id: TransferId, incoming: Incoming): void {
    // Never rejects.
    void this.#session.prompt.ask('Accept it?', incoming.question.signal).then((answer) => {
      switch (answer) {
        case 'yes':
          this.#accept(id);
          return;
        case 'no':
          this.#decline(id, incoming);
          return;
        case 'nobody':
          this.#decline(id, incoming, NOBODY_ASKED);
          return;
        case 'withdrawn':
          return;
        default:
          unreachable(answer);
      }
    });
  }

  #accept(id: TransferId): void {
    const { into } = this.#options;
    this.#drop(this.#engine.acceptTransfer(id, into === undefined ? {} : { into }), id);
  }

  #decline(id: TransferId, incoming: Incoming, why?: string): void {
    if (why !== undefined) incoming.talk.explainDeclining(why);
    this.#drop(this.#engine.declineTransfer(id), id);
  }

  /** What comes of an answer comes as an event. That it came too late, because the other side just gave up, is one as well. */
  #drop(answer: Promise<void>, id: TransferId): void {
    answer.catch((error: unknown) => {
      const report = errorReport(error, id);
      if (report.code !== 'unknown-transfer') this.#session.output.report(report);
    });
  }
}
