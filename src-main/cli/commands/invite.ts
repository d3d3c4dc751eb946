import type { Command } from 'commander';
import { SealaneError } from '../../../shared/errors.ts';
import type { ExitClass } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { EngineEvent, InviteId, InviteView, PairingId } from '../../../shared/views.ts';
import type { Engine } from '../../engine/index.ts';
import { exitOfError } from '../exit.ts';
import { Feed } from '../feed.ts';
import { PairingTalk } from '../pairing-talk.ts';
import { newInviteReport } from '../report.ts';
import type { ErrorReport } from '../report.ts';
import type { Session } from '../session.ts';
import { lifetimeArgument, yesOption } from './arguments.ts';
import { addExample } from './example.ts';
import { declineOffers, startListening } from './listening.ts';
import type { Perform } from './perform.ts';

interface Options {
  readonly expires?: number;
  readonly yes?: boolean;
}

export function addInvite(program: Command, perform: Perform): void {
  addExample(
    program
      .command('invite')
      .description('make an invite, wait until another device uses it, and pair with that device')
      .option(
        '--expires <TIME>',
        'how long it is good for: 90s, 10m, 2h, 1d (default: 10m, at most 7d)',
        lifetimeArgument,
      )
      .addOption(yesOption()),
    'invite --expires 1h',
  ).action((options: Options) => perform((session) => invite(session, options)));
}

async function invite(session: Session, { expires, yes = false }: Options): Promise<ExitClass> {
  const { output, host } = session;
  const engine = await session.open('server');
  declineOffers(engine);
  await startListening(session, engine);
  const feed = new Feed(engine);
  const made = await engine.createInvite(expires === undefined ? {} : { lifetimeMs: expires });
  output.report(newInviteReport(made));
  output.remark('Open the link on the other device, or run there: sealane pair -');
  output.remark('This device has to keep waiting meanwhile; Ctrl-C ends it.');

  const wait = new InviteWait(session, engine, made.id, yes);
  const end = await feed.until((event) => wait.see(event), {
    signal: host.signal,
    onInterrupt: () => wait.interrupt(),
    overdue: wait.cancelled,
    deadline: { after: Math.max(0, made.expires - host.now()), onDeadline: () => wait.expire() },
  });
  if (end === 'paired') return 'done';
  output.report(end);
  if (end === wait.cancelled && isOpen(engine, made.id)) {
    output.remark(`The invite itself stays good. To withdraw it: sealane invites revoke ${made.id}`);
  }
  return exitOfError(end.code);
}

/** Follows one invite to its end: a pairing through it, or a reason why there will be none. */
class InviteWait {
  readonly cancelled: ErrorReport;
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #invite: InviteId;
  readonly #yes: boolean;
  readonly #talks = new Map<PairingId, PairingTalk>();
  #interrupted = false;

  constructor(session: Session, engine: Engine, invite: InviteId, yes: boolean) {
    this.#session = session;
    this.#engine = engine;
    this.#invite = invite;
    this.#yes = yes;
    const { code, message } = new SealaneError('pairing-cancelled');
    this.cancelled = { event: 'error', code, message };
  }

  see(event: EngineEvent): 'paired' | ErrorReport | undefined {
    if (event.type === 'invites') {
      const view = event.invites.find(({ id }) => id === this.#invite);
      return view === undefined ? undefined : endOfInvite(view.state);
    }
    if (event.type !== 'pairing' || event.pairing.role !== 'inviter') return undefined;
    const { id } = event.pairing;
    const isOurs = event.pairing.invite === this.#invite;
    const talk = this.#talks.get(id) ?? this.#newTalk(id, isOurs);
    const end = talk.see(event.pairing);
    if (end === undefined) return undefined;
    this.#talks.delete(id);
    const isOver = end === 'paired' ? isOurs : this.#interrupted || (isOurs && !this.#isOpen());
    if (isOver) return end;
    const what =
      end === 'paired'
        ? 'That device came by an earlier invite.'
        : `An attempt to pair failed. ${end.message}`;
    this.#session.output.remark(`${what} Still waiting.`);
    return undefined;
  }

  /**
   * Who comes by another invite of this device is asked about: how that one went its way, this command does
   * not know.
   */
  #newTalk(id: PairingId, isOurs: boolean): PairingTalk {
    const talk = new PairingTalk(this.#session, this.#engine, id, { yes: this.#yes && isOurs });
    this.#talks.set(id, talk);
    return talk;
  }

  #isOpen(): boolean {
    return isOpen(this.#engine, this.#invite);
  }

  /** Whoever began in time may finish: then the invite counts as used, and no longer as open. */
  expire(): ErrorReport | undefined {
    const used = this.#engine
      .snapshot()
      .invites.some(({ id, state }) => id === this.#invite && state === 'used');
    return used ? undefined : endOfInvite('expired');
  }

  interrupt(): ErrorReport | undefined {
    this.#interrupted = true;
    for (const id of this.#talks.keys()) this.#engine.cancelPairing(id);
    return this.#talks.size === 0 ? this.cancelled : undefined;
  }
}

function isOpen(engine: Engine, id: InviteId): boolean {
  return engine.snapshot().invites.some((view) => view.id === id && view.state === 'open');
}

/** What ends an invite without a pairing; its use is followed as one. */
function endOfInvite(state: InviteView['state']): ErrorReport | undefined {
  switch (state) {
    case 'open':
    case 'used':
      return undefined;
    case 'revoked':
      return { event: 'error', code: 'invite-revoked', message: 'The invite was withdrawn.' };
    case 'expired':
      return {
        event: 'error',
        code: 'invite-expired',
        message: 'The invite has expired, and nobody used it.',
      };
    case 'spent':
      return {
        event: 'error',
        code: 'invite-proof-failed',
        message: 'Somebody tried to use the invite without holding it, too often. Make a new one.',
      };
    default:
      return unreachable(state);
  }
}
