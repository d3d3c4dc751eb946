import { otherAddressText } from '../../shared/other-address-words.ts';
import type { OtherAddressView } from '../../shared/views.ts';

/** What is sent goes to another address than the one of `--to`. */
export interface OtherAddressReport extends OtherAddressView {
  readonly event: 'other-address';
  readonly message: string;
}

export function otherAddressReport(view: OtherAddressView): OtherAddressReport {
  return { event: 'other-address', ...view, message: otherAddressText(view) };
}
