import { describe, expect, it } from 'vitest';
import type { Push, Reply, SealaneBridge } from '../../../shared/ipc.ts';
import { CallError, createBridge, sentenceOf } from '../../../src-renderer/bridge.ts';
import { snapshot } from './fixtures.ts';

function raw(reply: () => Promise<Reply>): SealaneBridge & { readonly seen: unknown[] } {
  const seen: unknown[] = [];
  return {
    seen,
    platform: 'linux',
    call: (name, args) => {
      seen.push([name, ...args]);
      return reply();
    },
    registerDrop: () => Promise.reject(new Error('gone')),
    onPush: (listener) => {
      listener({ type: 'nonsense' });
      listener({ type: 'open-link', link: 'sealane://pair#x' });
      return () => undefined;
    },
  };
}

describe('createBridge', () => {
  it('passes arguments on and gives the parsed result', async () => {
    const wire = raw(() => Promise.resolve({ ok: true, value: snapshot() }));
    expect(await createBridge(wire).call('snapshot')).toEqual(snapshot());
    expect(wire.seen).toEqual([['snapshot']]);
  });

  it('takes an answer without a value for calls that have none', async () => {
    const wire = raw(() => Promise.resolve({ ok: true, value: undefined }));
    await expect(createBridge(wire).call('copyText', 'x')).resolves.toBeUndefined();
    expect(wire.seen).toEqual([['copyText', 'x']]);
  });

  it('throws the code and the sentence of a refusal', async () => {
    const error = { code: 'invite-expired', message: 'Too late.' } as const;
    const call = createBridge(raw(() => Promise.resolve({ ok: false, error }))).call('pair', 'x');
    await expect(call).rejects.toThrow(CallError);
    await expect(call).rejects.toMatchObject({ code: 'invite-expired', message: 'Too late.' });
  });

  it('turns whatever else goes wrong into an internal error', async () => {
    const broken = createBridge(raw(() => Promise.reject(new Error('no handler'))));
    await expect(broken.call('clearHistory')).rejects.toMatchObject({ code: 'internal' });
    const nonsense = createBridge(raw(() => Promise.resolve({ ok: true, value: 'what?' })));
    await expect(nonsense.call('snapshot')).rejects.toMatchObject({ code: 'internal' });
    await expect(broken.registerDrop([])).rejects.toMatchObject({ code: 'internal' });
    expect(sentenceOf('anything')).toMatch(/^Something went wrong/);
  });

  it('lets only valid pushes through', () => {
    const heard: Push[] = [];
    createBridge(raw(() => Promise.reject(new Error('unused')))).onPush((push) => heard.push(push));
    expect(heard).toEqual([{ type: 'open-link', link: 'sealane://pair#x' }]);
  });
});
