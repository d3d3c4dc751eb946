import type { EngineEvent, TransferId } from '../../shared/views.ts';

/**
 * The least time between two pictures of a transfer's progress, in ms. Digits that change more often cannot be read, and drawing
 * them takes from the speed of what they tell.
 */
const PAGE_INTERVAL_MS = 200;

/**
 * Holds progress back to one event per transfer and interval, whatever the engine says. Progress is absolute, so that the newest
 * replaces what waits; every other event passes at once, and what a transfer had waiting before it is dropped.
 */
export interface Coalescer {
  push(event: EngineEvent): void;
  /** Drops what waits and lets go of its timers. */
  stop(): void;
}

interface Pace {
  readonly kind: string;
  readonly timer: NodeJS.Timeout;
  waiting: EngineEvent | undefined;
}

/** `emit` gets the events that pass. `intervalMs` is the least time between two of a transfer's progress events. */
export function createCoalescer(
  emit: (event: EngineEvent) => void,
  intervalMs: number = PAGE_INTERVAL_MS,
): Coalescer {
  const paces = new Map<TransferId, Pace>();

  function release(id: TransferId): void {
    clearTimeout(paces.get(id)?.timer);
    paces.delete(id);
  }

  function pass(id: TransferId, kind: string, event: EngineEvent): void {
    release(id);
    const timer = setTimeout(() => {
      const waiting = paces.get(id)?.waiting;
      paces.delete(id);
      if (waiting !== undefined) pass(id, kind, waiting);
    }, intervalMs);
    paces.set(id, { kind, timer, waiting: undefined });
    emit(event);
  }

  return {
    push(event) {
      if (event.type !== 'transfer') {
        emit(event);
        return;
      }
      const { id, state } = event.transfer;
      if (state.kind !== 'running' && state.kind !== 'preparing') {
        release(id);
        emit(event);
        return;
      }
      const pace = paces.get(id);
      if (pace?.kind === state.kind) pace.waiting = event;
      else pass(id, state.kind, event);
    },
    stop() {
      for (const { timer } of paces.values()) clearTimeout(timer);
      paces.clear();
    },
  };
}
