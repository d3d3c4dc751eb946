import { z } from 'zod';
import { ERRORS } from '../shared/errors.ts';
import type { ErrorCode } from '../shared/errors.ts';
import {
  CALLS,
  DROP_REFUSALS,
  dropAnswerSchema,
  dropHandleSchema,
  pushSchema,
  replySchema,
} from '../shared/ipc.ts';
import type { CallArgs, CallName, CallResult, DropHandle, Push, SealaneBridge } from '../shared/ipc.ts';
import type { ErrorView } from '../shared/views.ts';

/**
 * The only file that touches what the preload put on the window. Everything that comes across is parsed here, so that the rest
 * of the page may trust its types.
 */

declare global {
  interface Window {
    readonly sealane: SealaneBridge;
  }
}

/** A call that did not work out: the code, and as message the sentence to show. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: ErrorCode;

  constructor(view: ErrorView, cause?: unknown) {
    super(view.message, cause === undefined ? undefined : { cause });
    this.code = view.code;
  }
}

/** The sentence to show for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof CallError ? error.message : ERRORS.internal.message;
}

export type Call = <Name extends CallName>(name: Name, ...args: CallArgs<Name>) => Promise<CallResult<Name>>;

/** What the page can ask of the main process, with everything checked. Calls throw nothing but `CallError`. */
export interface Bridge {
  readonly call: Call;
  /** Registers dropped files. Throws `CallError`, also when any of them has no path, or there are too many. */
  readonly registerDrop: (files: readonly File[]) => Promise<DropHandle>;
  /** Hands over every valid push; gives the function that ends it. */
  readonly onPush: (listener: (push: Push) => void) => () => void;
}

/** Each call with the schema of its result, in a form in which the compiler keeps the two together. */
const results: { readonly [Name in CallName]: { readonly result: z.core.$ZodType<CallResult<Name>> } } =
  CALLS;

function internalError(cause: unknown): CallError {
  return new CallError({ code: 'internal', message: ERRORS.internal.message }, cause);
}

/** Wraps the raw bridge of the preload (or a test's stand-in). */
export function createBridge(raw: SealaneBridge): Bridge {
  return {
    async call(name, ...args) {
      const reply = replySchema.safeParse(await raw.call(name, args).catch(internalError));
      if (!reply.success) throw internalError(reply.error);
      if (!reply.data.ok) throw new CallError(reply.data.error);
      const value = z.safeParse(results[name].result, reply.data.value);
      if (!value.success) throw internalError(value.error);
      return value.data;
    },
    async registerDrop(files) {
      const answer = dropAnswerSchema.safeParse(await raw.registerDrop(files).catch(internalError));
      if (!answer.success) throw internalError(answer.error);
      const refusal = DROP_REFUSALS.find((code) => code === answer.data);
      if (refusal !== undefined) throw new CallError({ code: refusal, message: ERRORS[refusal].message });
      return dropHandleSchema.parse(answer.data);
    },
    onPush(listener) {
      return raw.onPush((push) => {
        const parsed = pushSchema.safeParse(push);
        if (parsed.success) listener(parsed.data);
      });
    },
  };
}

/** The bridge of this window. */
export function windowBridge(): Bridge {
  return createBridge(window.sealane);
}
