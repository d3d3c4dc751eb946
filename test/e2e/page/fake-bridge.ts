import type { DropAnswer, Reply, SealaneBridge } from '../../../shared/ipc.ts';

/**
 * Stands in for the preload and the main process, in the page itself: it answers each call with what the scene says and keeps
 * what it was asked. For tests of the page alone.
 */

/** What `installFakeBridge` puts on the window besides `sealane`. */
export interface FakeControl {
  /** Calls in order, each as `[name, …arguments]`. */
  readonly calls: unknown[][];
  readonly violations: string[];
  /** Names of the files of each drop. */
  readonly drops: string[][];
  replies: Record<string, Reply>;
  /** What the next drop is answered with. */
  handle: DropAnswer;
  push(push: unknown): void;
}

declare global {
  interface Window {
    sealane: SealaneBridge;
    fake: FakeControl;
  }
}

/** What each call is answered with; a call that is not listed is answered with nothing, which many are. */
export type Replies = Readonly<Record<string, Reply>>;

/** Runs in the page, before its own scripts; so it may use nothing from outside. */
export function installFakeBridge(replies: Replies): void {
  const listeners = new Set<(push: unknown) => void>();
  const fake: FakeControl = {
    calls: [],
    violations: [],
    drops: [],
    replies: { ...replies },
    handle: 'drop-foreign',
    push(push) {
      for (const listener of listeners) listener(push);
    },
  };
  window.fake = fake;
  window.sealane = {
    platform: 'linux',
    call(name, args) {
      fake.calls.push([name, ...args]);
      return Promise.resolve(fake.replies[name] ?? { ok: true, value: undefined });
    },
    registerDrop(files) {
      fake.drops.push(files.map((file) => file.name));
      return Promise.resolve(fake.handle);
    },
    onPush(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
  document.addEventListener('securitypolicyviolation', (event) => {
    fake.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
}
