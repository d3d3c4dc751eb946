import { SealaneError } from '../../shared/errors.ts';

/**
 * One line per error on standard error, for whoever started the app in a terminal: codes and kinds down the chain of causes.
 * Messages of foreign errors are left out, since they name people's files.
 */

const MAX_CAUSES = 5;

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The error and its causes in one line, without a path or a secret in it. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  while (current instanceof Error && parts.length < MAX_CAUSES) {
    const detail = current instanceof SealaneError ? current.detail : current.name;
    parts.push([codeOf(current), detail].filter((part) => part !== undefined).join(': '));
    current = current.cause;
  }
  return parts.length === 0 ? typeof error : parts.join(' < ');
}

export function logError(what: string, error: unknown): void {
  process.stderr.write(`sealane: ${what}: ${describeError(error)}\n`);
}
