import { TriangleAlert, X } from 'lucide-react';
import { useActions, usePage } from '../store.ts';

/** The last thing that went wrong outside of any dialog. */
export function ProblemBar() {
  const problem = usePage((state) => state.problem);
  const { dismissProblem } = useActions();
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
