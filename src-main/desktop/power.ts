import type { EngineEvent, TransferId } from '../../shared/views.ts';

/** Keeps the computer awake while something is on its way, and no longer. */

export interface PowerBlocker {
  start(): number;
  stop(id: number): void;
}

export interface PowerGuard {
  observe(event: EngineEvent): void;
  release(): void;
}

export function createPowerGuard(blocker: PowerBlocker): PowerGuard {
  const active = new Set<TransferId>();
  let block: number | undefined;

  function settle(): void {
    if (active.size > 0) {
      block ??= blocker.start();
    } else if (block !== undefined) {
      blocker.stop(block);
      block = undefined;
    }
  }

  return {
    observe(event) {
      if (event.type !== 'transfer') return;
      const { id, state } = event.transfer;
      if (state.kind === 'running' || state.kind === 'finishing') active.add(id);
      else active.delete(id);
      settle();
    },
    release() {
      active.clear();
      settle();
    },
  };
}
