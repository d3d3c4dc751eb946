import { SealaneError } from '../../../shared/errors.ts';
import { systemCode } from '../../system-code.ts';

export { systemCode };

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
