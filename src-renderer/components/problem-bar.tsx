import { TriangleAlert, X } from 'lucide-react';
import { useEffect } from 'react';
import { useActions, usePage } from '../store.ts';

/** A message that nobody has dismissed goes after so long, in milliseconds: it is about something long past. */
const SHOWN_MS = 60_000;

/** The last thing that went wrong outside of any dialog. */
export function ProblemBar() {
  const problem = usePage((state) => state.problem);
  const { dismissProblem } = useActions();
  useEffect(() => {
    if (problem === null) return undefined;
    const timer = setTimeout(dismissProblem, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [problem, dismissProblem]);
  return (
    <div role="alert" className="problem-slot">
      {problem !== null && (
        <div className="problem">
          <TriangleAlert aria-hidden className="icon" />
          <p>{problem}</p>
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss this message"
            onClick={dismissProblem}
          >
            <X aria-hidden className="icon" />
          </button>
        </div>
      )}
    </div>
  );
}
