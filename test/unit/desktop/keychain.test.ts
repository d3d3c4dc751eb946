import { describe, expect, it } from 'vitest';
import { createKeyProtector, type Keychain } from '../../../src-main/desktop/keychain.ts';

/** Seals by turning the text around behind a mark; enough to see who did it. */
const seal = (mark: string, plain: string): Buffer =>
  Buffer.from(mark + Array.from(plain).reverse().join(''));
const open = (mark: string, sealed: Buffer): string => {
  const text = sealed.toString();
  if (!text.startsWith(mark)) throw new Error('cannot be opened');
  return Array.from(text.slice(mark.length)).reverse().join('');
};

function keychain(change: Partial<Keychain> = {}): Keychain {
  return {
    isEncryptionAvailable: () => true,
    encryptString: (plain) => seal('v11', plain),
    decryptString: (sealed) => open('v11', sealed),
    getSelectedStorageBackend: () => 'gnome_libsecret',
    ...change,
  };
}

const key = new Uint8Array([0, 1, 127, 128, 254, 255]);

describe('the private key under the keychain', () => {
  it('goes in and comes out', async () => {
    const protector = await createKeyProtector(keychain(), 'linux');
    const sealed = await protector?.protect(key);
    expect(sealed).not.toEqual(key);
    expect(await protector?.unprotect(sealed ?? key)).toEqual(key);
    expect(protector?.name).toBe('safe-storage/gnome_libsecret');
  });

  it('prefers the asynchronous methods where there are any', async () => {
    const modern = keychain({
      isAsyncEncryptionAvailable: () => Promise.resolve(true),
      encryptStringAsync: (plain) => Promise.resolve(seal('v12', plain)),
      decryptStringAsync: (sealed) => Promise.resolve({ result: open('v12', sealed) }),
    });
    const protector = await createKeyProtector(modern, 'linux');
    const sealed = await protector?.protect(key);
    expect(Buffer.from(sealed ?? []).toString()).toMatch(/^v12/);
    expect(await protector?.unprotect(sealed ?? key)).toEqual(key);
  });

  it('fails loudly when what lies there cannot be opened', async () => {
    const protector = await createKeyProtector(keychain(), 'linux');
    await expect(protector?.unprotect(new Uint8Array([1, 2, 3]))).rejects.toThrow('cannot be opened');
  });

  it.each(['basic_text', 'unknown'])('is not called protected by the back end %s', async (backend) => {
    expect(
      await createKeyProtector(keychain({ getSelectedStorageBackend: () => backend }), 'linux'),
    ).toBeUndefined();
  });

  it('is not called protected by the key that is built into every Chromium', async () => {
    const open10 = keychain({
      encryptString: (plain) => seal('v10', plain),
      decryptString: (sealed) => open('v10', sealed),
    });
    expect(await createKeyProtector(open10, 'linux')).toBeUndefined();
    expect((await createKeyProtector(open10, 'darwin'))?.name).toBe('safe-storage/darwin');
  });

  it.each([
    ['says it is not there', { isEncryptionAvailable: () => false }],
    [
      'throws',
      {
        encryptString: () => {
          throw new Error('locked');
        },
      },
    ],
    ['gives something else back', { decryptString: () => 'other' }],
    [
      'has the asynchronous half and says no',
      {
        isAsyncEncryptionAvailable: () => Promise.resolve(false),
        encryptStringAsync: (plain: string) => Promise.resolve(seal('v12', plain)),
        decryptStringAsync: (sealed: Buffer) => Promise.resolve({ result: open('v12', sealed) }),
      },
    ],
  ])('is not called protected when the keychain %s', async (_what, change) => {
    expect(await createKeyProtector(keychain(change), 'darwin')).toBeUndefined();
  });
});
