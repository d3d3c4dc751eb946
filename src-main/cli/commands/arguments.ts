import { InvalidArgumentError, Option } from 'commander';
import { MAX_DEVICE_NAME_CHARACTERS } from '../../../shared/limits.ts';
import { parseHostPort } from '../../host-port.ts';
import type { HostPort } from '../../host-port.ts';
import { parseDays, parseLifetime } from '../duration.ts';

/** What does not parse is a usage error, in the words of the parser. */
function asUsage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(error instanceof RangeError ? error.message : '');
  }
}

export const lifetimeArgument = (text: string): number => asUsage(() => parseLifetime(text));

/** A number of days, or never. */
export const daysArgument = (text: string): number | 'never' => asUsage(() => parseDays(text));

/** Somewhere to listen: port 0 is any free one. */
export const listenArgument = (text: string): HostPort => asUsage(() => parseHostPort(text, 0));

/** Somewhere to dial. */
export const dialArgument = (text: string): HostPort => asUsage(() => parseHostPort(text, 1));

/**
 * An empty path is an unset variable of a script, never a folder. A tilde that arrives here was not replaced by a shell (in quotes,
 * after `=`, in a unit of systemd), and means the home folder all the same, which a folder of that name would not be.
 */
export const folderArgument = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('Give a folder.');
  if (/^~(?:[/\\]|$)/.test(text)) {
    throw new InvalidArgumentError(
      'The ~ was not replaced by a shell. Write out the home folder, or ./~ for a folder of that name.',
    );
  }
  return text;
};

/** What a device is called, without the blanks around it. */
export const nameArgument = (text: string): string => {
  const name = text.trim();
  if (name === '' || name.length > MAX_DEVICE_NAME_CHARACTERS) {
    throw new InvalidArgumentError(`A name has 1 to ${MAX_DEVICE_NAME_CHARACTERS} characters.`);
  }
  return name;
};

export const yesOption = (): Option =>
  new Option('--yes', 'confirm the code without being asked: no protection against somebody in between');
