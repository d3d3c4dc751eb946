/** Ends a switch over a union: the compiler proves that every case was handled. Throws if a value got past the types. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
