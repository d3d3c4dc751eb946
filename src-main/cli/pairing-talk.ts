import { displayText } from '../../shared/display.ts';
import type { ExitClass } from '../../shared/errors.ts';
import { unreachable } from '../../shared/unreachable.ts';
import type { ErrorView, PairingId, PairingView } from '../../shared/views.ts';
import type { Engine } from '../engine/index.ts';
import { exitOfError } from './exit.ts';
import type { Question } from './prompt.ts';
import type { ErrorReport } from './report.ts';
import type { Session } from './session.ts';

const OTHER_CODE =
  'This is not the code that is shown here. If the other device shows another one, the answer is no.';
const NOBODY_ASKED =
  'There is no terminal to ask on whether the codes are the same, so the answer was no and the devices were not paired. ' +
  'Compare them on a terminal, or confirm unasked with --yes.';

/** Shows the code of one pairing, gets it confirmed, and tells how the pairing ended. Both sides talk the same way. */
export class PairingTalk {
  readonly id: PairingId;
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #confirmUnasked: boolean;
  readonly #question = new AbortController();
  /** Whether the other side has proven that it holds the invite. */
  codeWasShown = false;
  #waitWasTold = false;
  #nobodyWasAsked = false;

  constructor(session: Session, engine: Engine, id: PairingId, options: { readonly yes: boolean }) {
    this.id = id;
    this.#session = session;
    this.#engine = engine;
    this.#confirmUnasked = options.yes;
  }

  /** Takes the pairing's newest state. Gives undefined while it goes on, then `paired` (already reported) or what it failed with (not yet). */
  see(view: PairingView): 'paired' | ErrorReport | undefined {
    const { state } = view;
    switch (state.kind) {
      case 'connecting':
        return undefined;
      case 'comparing':
        this.#compare(view, state.code);
        return undefined;
      case 'confirmed':
        if (!this.#waitWasTold)
          this.#session.output.remark('Waiting for the other device to confirm the code.');
        this.#waitWasTold = true;
        return undefined;
      case 'paired': {
        this.#question.abort();
        const { id, name } = state.device;
        this.#session.output.report({ event: 'paired', device: { id, name }, knownAs: view.knownAs });
        return 'paired';
      }
      case 'failed':
        this.#question.abort();
        return this.#failure(state.error);
      default:
        return unreachable(state);
    }
  }

  #compare(view: PairingView, code: string): void {
    if (this.codeWasShown) return;
    this.codeWasShown = true;
    const { output, prompt } = this.#session;
    if (view.peerName !== '')
      output.remark(`Connected with a device that calls itself ${displayText(view.peerName)}.`);
    const { knownAs } = view;
    if (knownAs !== null)
      output.remark(
        `You know this device already, as ${displayText(knownAs)}. If you say yes, nothing is added; what is set for it stays.`,
      );
    output.report({ event: 'code', code, knownAs });
    if (this.#confirmUnasked) {
      output.remark('Confirmed unasked (--yes).');
      this.#engine.answerPairing(this.id, true);
      return;
    }
    // Never rejects; the engine's answer to it comes as an event.
    void prompt.ask(questionAbout(code), this.#question.signal).then((answer) => {
      if (answer === 'withdrawn') return;
      this.#nobodyWasAsked = answer === 'nobody';
      this.#engine.answerPairing(this.id, answer === 'yes');
    });
  }

  #failure({ code, message }: ErrorView): ErrorReport {
    const unattended = this.#nobodyWasAsked && code === 'code-mismatch';
    return { event: 'error', code, message: unattended ? NOBODY_ASKED : message };
  }
}

/** The code itself is what answers: one that was typed for another pairing is another code. */
function questionAbout(code: string): Question {
  return {
    text: `Does the other device show the code ${code}, too?`,
    key: code.replaceAll(' ', ''),
    hint: OTHER_CODE,
  };
}

/** Says what a pairing failed with and gives how the command ends. */
export function endOfPairing(session: Session, end: 'paired' | ErrorReport): ExitClass {
  if (end === 'paired') return 'done';
  session.output.report(end);
  return exitOfError(end.code);
}
