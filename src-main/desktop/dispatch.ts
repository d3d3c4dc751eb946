import { z } from 'zod';
import { asSealaneError, SealaneError } from '../../shared/errors.ts';
import { CALLS, type CallArgs, type CallName, type CallResult, type Reply } from '../../shared/ipc.ts';
import type { CallHandlers } from './calls.ts';

/** From an untrusted request to a reply: the name must be one of the contract, the arguments must fit it, nothing is thrown. */

const requestSchema = z.strictObject({ name: z.string(), args: z.array(z.unknown()) });

/** The contract again, indexed by name, so that a call's arguments and its function are known to belong together. */
const contract: { readonly [Name in CallName]: { readonly args: z.ZodType<CallArgs<Name>> } } = CALLS;

function isCallName(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}

async function run<Name extends CallName>(
  handlers: CallHandlers,
  name: Name,
  args: readonly unknown[],
): Promise<CallResult<Name>> {
  const parsed = contract[name].args.safeParse(args);
  if (!parsed.success) throw new SealaneError('call-refused', { detail: `arguments of ${name}` });
  return handlers[name](...parsed.data);
}

/** A failed call, as the page is told: code and sentence, never a cause or a path. */
export function refusal(error: SealaneError): Reply {
  return { ok: false, error: { code: error.code, message: error.message } };
}

/** Answers one request of the page. `report` gets every error before it is boiled down to a reply. */
export async function answerCall(
  handlers: CallHandlers,
  request: unknown,
  report: (error: SealaneError) => void,
): Promise<Reply> {
  try {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) throw new SealaneError('call-refused', { detail: 'not a request' });
    const { name, args } = parsed.data;
    if (!isCallName(name)) throw new SealaneError('call-refused', { detail: 'unknown name' });
    return { ok: true, value: await run(handlers, name, args) };
  } catch (thrown) {
    const error = asSealaneError(thrown);
    report(error);
    return refusal(error);
  }
}
