import { asSealaneError } from '../../shared/errors.ts';
import type { ExitClass } from '../../shared/errors.ts';
import type { HostPort } from '../host-port.ts';
import type { Engine, EngineOptions } from '../engine/index.ts';
import { exitOfError } from './exit.ts';
import { aboutProfile, errorReport } from './failure.ts';
import type { Host } from './host.ts';
import { chooseOutput } from './choose-output.ts';
import type { Output } from './output.ts';
import { Prompt } from './prompt.ts';
import { noticeReport } from './report.ts';

/** The options that every command has. */
export interface GlobalOptions {
  /** Absolute. */
  readonly profile: string;
  readonly listen?: HostPort;
  readonly json: boolean;
}

/** What a command works with. */
export interface Session {
  readonly host: Host;
  readonly output: Output;
  readonly prompt: Prompt;
  /** Opens the engine on the chosen profile. It is closed when the command ends. Call it once, after what can be checked without it. */
  readonly open: (as?: keyof typeof PURPOSES) => Promise<Engine>;
  /** Whether the user has said where to listen: a command that could do without then does not. */
  readonly mustListen: boolean;
}

/** Another process may serve the same profile: only a command that listens for others takes up what it left unfinished. */
const PURPOSES = {
  visitor: { answers: 'own-transfers' },
  /** Every offer is answered by the command, because its options outrank what is stored. */
  server: { answers: 'everything', autoAccept: false },
  /** As long as it runs, what others have for this device is wanted. */
  receiver: { answers: 'everything', autoAccept: false, announces: true },
} as const satisfies Record<string, Partial<EngineOptions>>;

export type Action = (session: Session) => Promise<ExitClass>;

/** Runs one command: opens what it needs, says what it throws, closes the engine whatever happens, and gives how it ended. */
export async function runSession(host: Host, globals: GlobalOptions, action: Action): Promise<ExitClass> {
  const output = chooseOutput(host, globals.json);
  const prompt = new Prompt(host, output, globals.json);
  let engine: Engine | undefined;
  const open: Session['open'] = async (as = 'visitor') => {
    const { profile, listen } = globals;
    const place = listen === undefined ? { profile } : { profile, listen };
    engine = await host.createEngine({ ...place, ...PURPOSES[as] }).catch((error: unknown) => {
      throw aboutProfile(error, profile);
    });
    tellNotices(engine, output);
    return engine;
  };
  let exit: ExitClass;
  try {
    exit = await action({ host, output, prompt, open, mustListen: globals.listen !== undefined });
  } catch (error) {
    output.report(errorReport(error));
    exit = exitOfError(asSealaneError(error).code);
  }
  try {
    await engine?.close();
  } catch (error) {
    output.report(errorReport(error));
    if (exit === 'done') exit = 'failed';
  }
  return exit;
}

/** What is different from the usual. How the key is kept is told by `sealane id`, and not every time. */
function tellNotices(engine: Engine, output: Output): void {
  for (const notice of engine.snapshot().notices) {
    if (notice.kind !== 'key-in-file') output.report(noticeReport(notice));
  }
  engine.subscribe((event) => {
    if (event.type === 'notice') output.report(noticeReport(event.notice));
  });
}
