import { SealaneError } from '../../../shared/errors.ts';

/** The system's code of an error (`ENOENT`, …), or undefined when it has none. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Runs `work`; an error of the file system becomes `profile-unusable`, with the system's code as its detail. The original is not
 * kept as the cause: its text names people's folders. Everything else passes through.
 */
export async function inProfile<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (error instanceof SealaneError || code === undefined) throw error;
    throw new SealaneError('profile-unusable', { detail: code });
  }
}
