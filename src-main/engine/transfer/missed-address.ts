import type { SealaneError } from '../../../shared/errors.ts';
import type { MissedCause, OtherAddressView } from '../../../shared/views.ts';
import { formatHostPort } from '../../host-port.ts';
import { systemCode } from '../../system-code.ts';
import type { Address } from '../store/contract.ts';

/** What is told of an address that was given for a device, which was reached at another one. */
export type MissedAddress = Pick<OtherAddressView, 'given' | 'cause' | 'reached'>;

const CAUSES: Readonly<Record<string, MissedCause>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'silent',
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
};

function causeOf(error: SealaneError): MissedCause {
  if (error.code === 'peer-key-mismatch') return 'other-device';
  if (error.code === 'tls-failed') return 'not-sealane';
  return CAUSES[systemCode(error.cause) ?? ''] ?? 'unreachable';
}

/** What becomes of the address that was given for a device, while that one and others are dialled at once. */
export class MissedDial {
  readonly #given: Address;
  #error: SealaneError | undefined;

  constructor(given: Address) {
    this.#given = given;
  }

  /** Dialling an address has failed. */
  failed(address: Address, error: SealaneError): void {
    if (this.#isGiven(address)) this.#error = error;
  }

  /** What is to be told once the device was reached at `address`; undefined where that is the one that was given. */
  whenReachedAt(address: Address): MissedAddress | undefined {
    if (this.#isGiven(address)) return undefined;
    // The others begin later: one that has not failed by then has not answered.
    const cause = this.#error === undefined ? 'silent' : causeOf(this.#error);
    return { given: formatHostPort(this.#given), cause, reached: formatHostPort(address) };
  }

  #isGiven({ host, port }: Address): boolean {
    return host === this.#given.host && port === this.#given.port;
  }
}
