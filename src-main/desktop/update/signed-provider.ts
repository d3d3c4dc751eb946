import { Provider, type ResolvedUpdateFileInfo, type UpdateInfo } from 'electron-updater';
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider';
import { SealaneError } from '../../../shared/errors.ts';
import { manifestName } from './manifest-format.ts';
import { readManifest, type SignedManifest } from './manifest.ts';
import type { UpdateSource } from './source.ts';

/** Called with each manifest that passed every check. */
export type OnManifest = (manifest: SignedManifest) => void;

/**
 * Asks a plain web server for the manifest and its signature, and lets electron-updater know of nothing that is not signed:
 * no byte of an update is fetched before. The files themselves electron-updater holds against the manifest's SHA-512.
 */
export class SignedProvider extends Provider<UpdateInfo> {
  readonly #source: UpdateSource;
  readonly #onManifest: OnManifest;

  constructor(source: UpdateSource, onManifest: OnManifest, runtime: ProviderRuntimeOptions) {
    super({ ...runtime, isUseMultipleRangeRequest: false });
    this.#source = source;
    this.#onManifest = onManifest;
  }

  override async getLatestVersion(): Promise<UpdateInfo> {
    const { platform, arch } = process;
    const name = manifestName(platform, arch);
    const text = await this.#fetch(name);
    const signature = await this.#fetch(`${name}.sig`);
    const manifest = readManifest(text, signature, this.#source.keys, { platform, arch, now: Date.now() });
    this.#onManifest(manifest);
    const { version, releaseDate, files } = manifest;
    const [first] = files;
    if (first === undefined) throw new SealaneError('update-refused', { detail: 'no files' });
    // `path` and `sha512` are what older versions of electron-updater looked at; its type still wants them.
    return { version, releaseDate, files, path: first.url, sha512: first.sha512 };
  }

  override resolveFiles({ files }: UpdateInfo): ResolvedUpdateFileInfo[] {
    return files.map((info) => ({ url: new URL(info.url, this.#source.url), info }));
  }

  async #fetch(name: string): Promise<string> {
    const text = await this.httpRequest(new URL(name, this.#source.url), { 'cache-control': 'no-cache' });
    if (text === null) throw new SealaneError('update-failed', { detail: `${name} is empty` });
    return text;
  }
}

/** The class that electron-updater makes its provider of, whatever else it would hand it. */
export function signedProvider(source: UpdateSource, onManifest: OnManifest) {
  return class extends SignedProvider {
    constructor(_options: unknown, _updater: unknown, runtime: ProviderRuntimeOptions) {
      super(source, onManifest, runtime);
    }
  };
}
