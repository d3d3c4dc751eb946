import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { AppSnapshot, Push } from '../shared/ipc.ts';
import type { Actions } from './actions.ts';
import { createActions } from './actions.ts';
import type { Bridge } from './bridge.ts';
import { fromSnapshot, reduce } from './state.ts';
import type { PageState } from './state.ts';

/** The page's one store, and what its buttons do. */
export interface Page {
  readonly store: StoreApi<PageState>;
  readonly actions: Actions;
  /** Stops listening. */
  readonly close: () => void;
}

/**
 * Asks for the snapshot and follows everything after it. What is pushed before the snapshot arrives is kept and applied to it:
 * pushes are absolute, so hearing one twice does no harm. Throws `CallError` when there is no snapshot to be had.
 */
export async function openPage(bridge: Bridge, clock: () => number = Date.now): Promise<Page> {
  const early: Push[] = [];
  let deliver = (push: Push): void => {
    early.push(push);
  };
  const stop = bridge.onPush((push) => {
    deliver(push);
  });
  let snapshot: AppSnapshot;
  try {
    snapshot = await bridge.call('snapshot');
  } catch (error) {
    stop();
    throw error;
  }
  const store = createStore<PageState>(() =>
    early.reduce((state, push) => reduce(state, push, clock()), fromSnapshot(snapshot, clock())),
  );
  deliver = (push) => {
    store.setState((state) => reduce(state, push, clock()));
  };
  return { store, actions: createActions(store, bridge, clock), close: stop };
}

export const PageContext = createContext<Page | null>(null);

function usePageContext(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('used outside of the page');
  return page;
}

/** A part of the page's state; the component is drawn again when that part changes. */
export function usePage<Part>(selector: (state: PageState) => Part): Part {
  return useStore(usePageContext().store, selector);
}

export function useActions(): Actions {
  return usePageContext().actions;
}
