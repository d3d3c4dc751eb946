import { Announcer } from './components/announcer.tsx';
import { Devices } from './components/devices.tsx';
import { Notices } from './components/notices.tsx';
import { Offers } from './components/offers.tsx';
import { PairDialog } from './components/pair-dialog.tsx';
import { ProblemBar } from './components/problem-bar.tsx';
import { ThisDevice } from './components/this-device.tsx';
import { Transfers } from './components/transfers.tsx';
import { Wordmark } from './components/wordmark.tsx';

import { useLayoutEffect, useRef } from 'react';
import { keepFocus } from './focus.ts';
import { keepSteady } from './steady.ts';
import type { Steady } from './steady.ts';
import { usePage } from './store.ts';

/** The whole window. */
export function App() {
  const isPairing = usePage((state) => state.dialog.step !== 'closed');
  const shows = usePage((state) => state.shows);
  const steady = useRef<Steady | null>(null);
  useLayoutEffect(() => {
    steady.current = keepSteady(document.body);
    return steady.current.stop;
  }, []);
  useLayoutEffect(keepFocus, []);
  useLayoutEffect(() => {
    if (shows > 0) steady.current?.holdAll();
  }, [shows]);
  return (
    <div className="window">
      <header className="side">
        <Wordmark />
        <ThisDevice />
      </header>
      <main className="main">
        {!isPairing && <ProblemBar />}
        <Offers />
        <Devices />
        <Transfers />
      </main>
      <Notices />
      <PairDialog />
      <Announcer />
    </div>
  );
}
