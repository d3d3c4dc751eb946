import { describe, expect, it } from 'vitest';
import { ERRORS, SealaneError } from '../../../shared/errors.ts';
import { replySchema, type Reply } from '../../../shared/ipc.ts';
import { createCalls } from '../../../src-main/desktop/calls.ts';
import { answerCall } from '../../../src-main/desktop/dispatch.ts';
import { createDrops } from '../../../src-main/desktop/drops.ts';
import type { Engine } from '../../../src-main/engine/index.ts';
import { fakeEngine, pairingId } from './fake-engine.ts';
import { deviceId } from './samples.ts';

function setup(change: Partial<Engine> = {}) {
  const said: unknown[][] = [];
  const reported: SealaneError[] = [];
  const handlers = createCalls({
    engine: fakeEngine(said, change),
    version: '0.0.0',
    drops: createDrops(() => 0),
    isSandboxed: true,
    dialogs: {
      chooseFiles: () => Promise.resolve([]),
      chooseFolders: () => Promise.resolve([]),
      chooseDestination: () => Promise.resolve(undefined),
    },
    showItem: (path) => said.push(['showItem', path]),
    copyText: (text) => {
      said.push(['copyText', text]);
      return Promise.resolve();
    },
  });
  const ask = (request: unknown): Promise<Reply> =>
    answerCall(handlers, request, (error) => reported.push(error));
  return { ask, said, reported };
}

const refused = { ok: false, error: { code: 'call-refused' } };

describe('a request of the page', () => {
  it('is answered with what the call gives', async () => {
    const { ask } = setup();
    const reply = await ask({ name: 'pair', args: ['sealane://pair#x'] });
    expect(replySchema.parse(reply)).toEqual({ ok: true, value: pairingId });
  });

  it('is handed on as the contract reads it', async () => {
    const { ask, said } = setup();
    expect(await ask({ name: 'renameSelf', args: ['  Ada  '] })).toEqual({ ok: true, value: undefined });
    expect(said).toEqual([['renameSelf', 'Ada']]);
  });

  it.each([
    ['undefined', undefined],
    ['a text', 'snapshot'],
    ['without arguments', { name: 'snapshot' }],
    ['with something more', { name: 'snapshot', args: [], then: 1 }],
    ['with a name that is none', { name: 7, args: [] }],
    ['with an unknown name', { name: 'formatDisk', args: [] }],
    ['with an inherited name', { name: 'toString', args: [] }],
    ['with a name of the prototype', { name: '__proto__', args: [] }],
    ['with an argument too many', { name: 'snapshot', args: [1] }],
    ['with an argument missing', { name: 'answerPairing', args: [pairingId] }],
    ['with arguments that are no list', { name: 'renameSelf', args: { 0: 'Ada', length: 1 } }],
    ['with a wrong type', { name: 'answerPairing', args: [pairingId, 'true'] }],
    ['with a name too long', { name: 'renameSelf', args: ['x'.repeat(65)] }],
    ['with a path where a handle belongs', { name: 'sendDropped', args: [deviceId, '/etc/passwd'] }],
    ['with a device id that fails its check', { name: 'forgetDevice', args: [`${deviceId.slice(0, -1)}7`] }],
  ])('that is %s is refused, and nothing happens', async (_what, request) => {
    const { ask, said, reported } = setup();
    expect(await ask(request)).toMatchObject(refused);
    expect(said).toEqual([]);
    expect(reported.map(({ code }) => code)).toEqual(['call-refused']);
  });

  it('that fails is answered with code and sentence, never with a cause', async () => {
    const cause = new Error("EACCES: permission denied, open '/home/ada/secret'");
    const { ask, reported } = setup({
      clearHistory: () => Promise.reject(new SealaneError('profile-unusable', { cause, detail: 'journal' })),
    });
    const reply = await ask({ name: 'clearHistory', args: [] });
    expect(reply).toEqual({
      ok: false,
      error: { code: 'profile-unusable', message: ERRORS['profile-unusable'].message },
    });
    expect(JSON.stringify(reply)).not.toContain('secret');
    expect(reported[0]?.cause).toBe(cause);
  });

  it('that hits a defect is answered too', async () => {
    const { ask } = setup({
      cancelPairing: () => {
        throw new TypeError('/home/ada is not a function');
      },
    });
    const reply = await ask({ name: 'cancelPairing', args: [pairingId] });
    expect(reply).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(reply)).not.toContain('ada');
  });
});
