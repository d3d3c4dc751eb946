import { usePage } from '../store.ts';

/** Says to screen readers what sighted users see change: politely, after whatever is being read. */
export function Announcer() {
  const { text, serial } = usePage((state) => state.announcement);
  return (
    <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
      <span key={serial}>{text}</span>
    </div>
  );
}
