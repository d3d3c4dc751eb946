import { useEffect, useState } from 'react';
import { App } from '../app.tsx';
import { sentenceOf } from '../bridge.ts';
import type { Bridge } from '../bridge.ts';
import { openPage, PageContext } from '../store.ts';
import type { Page } from '../store.ts';

type Phase =
  | { readonly kind: 'starting' }
  | { readonly kind: 'open'; readonly page: Page }
  | { readonly kind: 'failed'; readonly sentence: string };

interface Props {
  readonly bridge: Bridge;
}

/** Waits for the first snapshot, and says so when there is none to be had. */
export function Start({ bridge }: Props) {
  const [phase, setPhase] = useState<Phase>({ kind: 'starting' });
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let isCurrent = true;
    openPage(bridge).then(
      (page) => {
        if (isCurrent) setPhase({ kind: 'open', page });
        else page.close();
      },
      (error: unknown) => {
        if (isCurrent) setPhase({ kind: 'failed', sentence: sentenceOf(error) });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [bridge, attempt]);

  if (phase.kind === 'open') {
    return (
      <PageContext value={phase.page}>
        <App />
      </PageContext>
    );
  }
  if (phase.kind === 'starting') {
    return (
      <main className="start" aria-busy="true">
        <p className="start-wait">Sealane is starting…</p>
      </main>
    );
  }
  return (
    <main className="start">
      <h1>Sealane could not start</h1>
      <p role="alert">{phase.sentence}</p>
      <button
        type="button"
        className="button primary"
        onClick={() => {
          setPhase({ kind: 'starting' });
          setAttempt(attempt + 1);
        }}
      >
        Try again
      </button>
    </main>
  );
}
