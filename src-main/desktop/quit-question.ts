/** Whether the app may end now. While something is on its way, its user is asked first: one question at a time. */

export interface QuitQuestionOptions {
  /** How many transfers would be interrupted. */
  readonly busy: () => number;
  /** Puts the question; true to quit. */
  readonly ask: (busy: number) => Promise<boolean>;
  /** Begins to quit anew, once the answer is yes. */
  readonly quit: () => void;
}

export interface QuitQuestion {
  /** Whether to quit at once. Where not, the question is being put, and `quit` is called when the answer is yes. */
  readonly mayQuit: () => boolean;
  /** The answer is known, or nobody is there to give one: the system shuts down, an update is to be installed. */
  readonly agree: () => void;
}

export function createQuitQuestion({ busy, ask, quit }: QuitQuestionOptions): QuitQuestion {
  let agreed = false;
  let isAsking = false;

  async function put(count: number): Promise<void> {
    isAsking = true;
    // A dialog that fails must not keep anybody from quitting.
    const yes = await ask(count).catch(() => true);
    isAsking = false;
    if (!yes) return;
    agreed = true;
    quit();
  }

  return {
    mayQuit: () => {
      const count = busy();
      if (agreed || count === 0) return true;
      if (!isAsking) void put(count);
      return false;
    },
    agree: () => {
      agreed = true;
    },
  };
}
