import { Info, X } from 'lucide-react';
import { turnedAwayText } from '../../shared/turned-away-words.ts';
import { noticeText } from '../../shared/words.ts';
import { useActions, usePage } from '../store.ts';

/** What is different from the usual: quiet, at the edge. */
export function Notices() {
  const notices = usePage((state) => state.notices);
  const turnedAway = usePage((state) => state.turnedAway);
  const version = usePage((state) => state.version);
  const { dismissTurnedAway } = useActions();
  return (
    <footer className="notices">
      {notices.length + turnedAway.length > 0 && (
        <ul aria-label="Notices" tabIndex={-1} data-landing>
          {turnedAway.map((each) => (
            <li key={`${each.device.id} ${each.code}`} className="turned-away">
              <Info aria-hidden className="icon" />
              <span>{turnedAwayText(each)}</span>
              <button
                type="button"
                className="icon-button"
                aria-label="Dismiss this notice"
                onClick={() => {
                  dismissTurnedAway(each);
                }}
              >
                <X aria-hidden className="icon" />
              </button>
            </li>
          ))}
          {notices.map((notice) => (
            <li key={notice.kind}>
              <Info aria-hidden className="icon" />
              <span>{noticeText(notice)}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="version">Version {version}</p>
    </footer>
  );
}
