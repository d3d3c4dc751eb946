import { Info } from 'lucide-react';
import { noticeText } from '../../shared/words.ts';
import { usePage } from '../store.ts';

/** What is different from the usual: quiet, at the edge. */
export function Notices() {
  const notices = usePage((state) => state.notices);
  const version = usePage((state) => state.version);
  return (
    <footer className="notices">
      {notices.length > 0 && (
        <ul aria-label="Notices">
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
