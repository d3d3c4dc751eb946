import type { Action } from '../session.ts';

/** Runs what a command does, once its arguments were understood. Given by the program, called by each command. */
export type Perform = (action: Action) => Promise<void>;
