import { useId } from 'react';
import { formatCountdown } from '../../shared/format.ts';
import type { InviteView, NewInvite } from '../../shared/views.ts';
import { unreachable } from '../../shared/unreachable.ts';
import { useNow } from '../hooks/use-now.ts';
import { useActions, usePage } from '../store.ts';
import { CopyButton } from './copy-button.tsx';
import { QrCode } from './qr-code.tsx';
import { StepTitle } from './step-title.tsx';

const SECOND_MS = 1_000;

interface Props {
  readonly invite: NewInvite | null;
  readonly error: string | null;
}

/** Shows an invite until it is used, or no longer good. */
export function PairShow({ invite, error }: Props) {
  const { showInvite, backToChoice } = useActions();
  const now = useNow(SECOND_MS);
  const known = usePage((state) => state.invites.find(({ id }) => id === invite?.id));
  const over = invite === null ? undefined : whyNotUsable(known ?? invite, now);
  // The clock may have ticked last before there was an invite.
  const leftMs = invite === null ? 0 : invite.expires - Math.max(now, invite.created);
  return (
    <>
      <StepTitle>Show an invite</StepTitle>
      {error !== null && (
        <p className="dialog-text failure" role="alert">
          {error}
        </p>
      )}
      {over !== undefined && (
        <p className="dialog-text" role="status">
          {over}
        </p>
      )}
      {invite !== null && over === undefined && <Invite invite={invite} leftMs={leftMs} />}
      {invite === null && error === null && <p className="dialog-text quiet">Making an invite…</p>}
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={() => void backToChoice()}>
          Back
        </button>
        {(error !== null || over !== undefined) && (
          <button type="button" className="button primary" onClick={() => void showInvite()}>
            {error === null ? 'New invite' : 'Try again'}
          </button>
        )}
      </div>
    </>
  );
}

function Invite({ invite, leftMs }: { readonly invite: NewInvite; readonly leftMs: number }) {
  const field = useId();
  return (
    <div className="invite">
      <QrCode text={invite.link} label="QR code of the invite" />
      <div className="invite-text">
        <p>
          On the other device, choose <em>Pair a device</em> and <em>Enter an invite</em>, and paste this link
          there.
        </p>
        <label htmlFor={field}>Invite link</label>
        <input
          id={field}
          className="text-field link-field"
          readOnly
          value={invite.link}
          onFocus={(event) => {
            event.target.select();
          }}
        />
        <div className="invite-copy">
          <CopyButton text={invite.link} label="Copy link" />
        </div>
        <p className="quiet" role="timer">
          Works once, for {formatCountdown(leftMs)} more.
        </p>
        <p className="quiet">Waiting for the other device…</p>
      </div>
    </div>
  );
}

function whyNotUsable(invite: InviteView, now: number): string | undefined {
  switch (invite.state) {
    case 'open':
      return invite.expires > now ? undefined : 'This invite has expired.';
    case 'expired':
      return 'This invite has expired.';
    case 'used':
      return 'This invite was used. Each works only once.';
    case 'revoked':
      return 'This invite was withdrawn.';
    case 'spent':
      return 'Somebody tried this invite wrongly too often, so it no longer works.';
    default:
      return unreachable(invite.state);
  }
}
