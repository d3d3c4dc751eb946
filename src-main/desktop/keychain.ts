import type { KeyProtector } from '../engine/index.ts';

/** What is used of Electron's `safeStorage`. The asynchronous half is newer than the oldest runtime we know. */
export interface Keychain {
  isEncryptionAvailable(): boolean;
  encryptString(plain: string): Buffer;
  decryptString(sealed: Buffer): string;
  /** Linux alone has a choice of back ends. */
  getSelectedStorageBackend?: () => string;
  isAsyncEncryptionAvailable?: () => Promise<boolean>;
  encryptStringAsync?: (plain: string) => Promise<Buffer>;
  decryptStringAsync?: (sealed: Buffer) => Promise<{ readonly result: string }>;
}

interface Cipher {
  isAvailable(): Promise<boolean>;
  encrypt(plain: string): Promise<Buffer>;
  decrypt(sealed: Buffer): Promise<string>;
}

/** Back ends of Linux that hide nothing: a key that is the same everywhere, or none chosen. */
const OPEN_BACKENDS: readonly string[] = ['basic_text', 'unknown'];
/** What Chromium on Linux puts in front of text sealed with its built-in key when the keyring failed it. */
const BUILT_IN_KEY_MARK = 'v10';
const PROBE = 'sealane';

function cipherOf(keychain: Keychain): Cipher {
  const { isAsyncEncryptionAvailable, encryptStringAsync, decryptStringAsync } = keychain;
  if (isAsyncEncryptionAvailable && encryptStringAsync && decryptStringAsync) {
    return {
      isAvailable: () => isAsyncEncryptionAvailable.call(keychain),
      encrypt: (plain) => encryptStringAsync.call(keychain, plain),
      decrypt: async (sealed) => (await decryptStringAsync.call(keychain, sealed)).result,
    };
  }
  return {
    isAvailable: () => Promise.resolve(keychain.isEncryptionAvailable()),
    encrypt: (plain) => Promise.resolve(keychain.encryptString(plain)),
    decrypt: (sealed) => Promise.resolve(keychain.decryptString(sealed)),
  };
}

/** Whether what comes out is really closed with a key of this user's, and opens again. */
async function isSafe(cipher: Cipher, platform: NodeJS.Platform): Promise<boolean> {
  if (!(await cipher.isAvailable())) return false;
  const sealed = await cipher.encrypt(PROBE);
  if (platform === 'linux' && sealed.subarray(0, 3).toString('latin1') === BUILT_IN_KEY_MARK) return false;
  return (await cipher.decrypt(sealed)) === PROBE;
}

/**
 * A protector of the private key over the system's keychain, or undefined where none really protects: the engine then keeps
 * the key in a file only its owner can read, and says so. Call after the app is ready. Never throws.
 */
export async function createKeyProtector(
  keychain: Keychain,
  platform: NodeJS.Platform,
): Promise<KeyProtector | undefined> {
  const backend = platform === 'linux' ? (keychain.getSelectedStorageBackend?.() ?? 'unknown') : platform;
  if (OPEN_BACKENDS.includes(backend)) return undefined;
  const cipher = cipherOf(keychain);
  // A keychain that fails is as good as none.
  if (!(await isSafe(cipher, platform).catch(() => false))) return undefined;
  return {
    name: `safe-storage/${backend}`,
    protect: async (plain) => new Uint8Array(await cipher.encrypt(Buffer.from(plain).toString('base64'))),
    unprotect: async (sealed) =>
      new Uint8Array(Buffer.from(await cipher.decrypt(Buffer.from(sealed)), 'base64')),
  };
}
